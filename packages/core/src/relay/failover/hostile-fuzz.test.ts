import { expect, it } from 'vitest'
import { KeyPool } from '../../pool.js'
import type { PoolOptions } from '../../pool-options.js'
import { type FakeRuntime, fakeRuntime, seededRandom } from '../../testing/fake-runtime.js'
import { fickleTransport } from '../../testing/fickle-transport.js'
import { RecordingSink } from '../../testing/recording-sink.js'
import { sized } from '../../testing/sized.js'
import type { RelayReport } from '../report.js'
import { createCall } from '../request/call.js'

const seeds = sized(300, 1_500)
const second = 1_000

type Pick = <T>(...all: readonly T[]) => T

/** Whatever there is that could get in each other's way. */
function optionsOf(pick: Pick): PoolOptions {
  return {
    keys: Array.from({ length: pick(1, 2, 3, 4) }, (_, at) => `sk-fake-fake-fake-fake-fake-${at}`),
    hedging: pick<PoolOptions['hedging'] & object>(false as never, { afterMs: 300, maxShare: 1 }),
    streams: {
      mode: pick('relay', 'smooth', 'buffer', 'stream'),
      heartbeatMs: pick(0, 100, 500),
      includeUsage: pick(true, false),
    },
    timeouts: {
      connect: 2 * second,
      firstByte: 5 * second,
      firstOutput: 10 * second,
      idle: 8 * second,
      total: pick(0, 3 * second, 30 * second),
    },
    models: pick<NonNullable<PoolOptions['models']>>(
      {},
      { aliases: { a: 'm' }, fallbacks: { m: ['m2', 'm3'] } },
      { fallbacks: { m: { limits: [], any: 'm2' } } },
    ),
    queue: { maxWaitMs: pick(0, 2 * second, 60 * second) },
  }
}

/** A client that may read in fits, and may leave. */
class Client {
  readonly sink: RecordingSink
  report: RelayReport | null = null
  hasLeft = false
  readonly #runtime: FakeRuntime
  /** How much had come when it stopped reading. */
  #seen = 0

  constructor(runtime: FakeRuntime, pick: Pick) {
    this.#runtime = runtime
    this.sink = new RecordingSink(runtime.now)
    if (pick(true, true, false)) runtime.setTimer(() => this.#leave(), pick(50, 300, 900, 2_500, 6_000))
    if (pick(true, false)) this.#readInFits(pick(100, 700, 1_100))
  }

  get isServed(): boolean {
    return this.report !== null && (this.hasLeft || this.sink.isOver)
  }

  #leave(): void {
    if (this.sink.isOver) return
    this.hasLeft = true
    this.sink.flow?.abort()
  }

  #readInFits(everyMs: number): void {
    this.#runtime.setTimer(() => {
      const { sink } = this
      if (this.isServed) return
      sink.wantsMore = !sink.wantsMore
      if (!sink.wantsMore) this.#seen = sink.chunks.length
      else if (sink.chunks.length > this.#seen && !this.hasLeft) sink.flow?.resume()
      this.#readInFits(everyMs)
    }, everyMs)
  }
}

function expectOneAnswer({ sink, hasLeft }: Client, wantsStream: boolean): void {
  const { calls, text, status } = sink
  const count = (...names: string[]): number => calls.filter((call) => names.includes(call)).length
  expect(count('head')).toBeLessThanOrEqual(1)
  if (!hasLeft) expect(count('end', 'fail')).toBe(1)
  const said = Array.from(text.matchAll(/"content":"([^"]*)"/g), ([, content]) => content).join('')
  const words = Array.from(said.matchAll(/<(\d+)\.(\d+)>/g), ([, call, at]) => ({ call, at: Number(at) }))
  expect(new Set(words.map(({ call }) => call)).size, 'upstream calls whose text was seen').toBeLessThan(2)
  expect(words.every(({ at }, index) => at === index)).toBe(true)
  const doneCount = text.split('[DONE]').length - 1
  if (calls.includes('end') && status === 200 && wantsStream) expect(doneCount).toBe(1)
  if (!calls.includes('fail')) return
  expect(doneCount).toBe(0)
  if (wantsStream) expect(text).toContain('"error"')
}

it('whatever meets whatever: one answer or one error, and nothing is left', async () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const random = seededRandom(seed)
    const pick: Pick = (...all) => all[Math.floor(random() * all.length)] as (typeof all)[number]
    const runtime = fakeRuntime({ seed })
    const transport = fickleTransport(runtime)
    const options = optionsOf(pick)
    const pool = new KeyPool({ ...options, transport, runtime: ownOf(runtime) })
    await pool.ready
    const wantsStream = pick(true, false)
    const message = {
      model: pick('m', 'a'),
      stream: wantsStream,
      messages: [{ role: 'user', content: 'Hi' }],
    }
    const body = { bytes: Buffer.from(JSON.stringify(message)) }
    const clients = [new Client(runtime, pick), new Client(runtime, pick)]
    for (const client of clients) {
      const input = { method: 'POST', path: '/chat/completions', headers: [], body }
      void pool.relay(createCall(input, pool.provider), client.sink).then((report) => {
        client.report = report
      })
    }
    for (let passed = 0; passed < 600 && !clients.every(({ isServed }) => isServed); passed++)
      await runtime.advanceAsync(second)
    const what = `seed ${seed}: ${JSON.stringify({ message, ...options })}`
    for (const client of clients) {
      expect(client.isServed, what).toBe(true)
      expect(() => expectOneAnswer(client, wantsStream), what).not.toThrow()
    }
    expect(pool.stats(), what).toMatchObject({ inFlight: 0, waiting: 0 })
    expect(transport.openCount, what).toBe(0)
    await pool.close()
    await runtime.advanceAsync(3_600 * second)
    expect(runtime.timerCount, what).toBe(0)
  }
})

/** A pool takes nothing but what it knows. */
const ownOf = ({ now, random, setTimer, clearTimer }: FakeRuntime): PoolOptions['runtime'] & object => ({
  now,
  random,
  setTimer,
  clearTimer,
})
