import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { KeyPool } from '../../pool.js'
import { heartbeat } from '../../sse/heartbeat.js'
import { dataOf, splitEvents } from '../../sse/split-events.js'
import { cutAtRandom } from '../../testing/cuts.js'
import { type FakeRuntime, fakeRuntime, promisesSettled, seededRandom } from '../../testing/fake-runtime.js'
import { type RandomStream, type RandomStreamOptions, randomStream } from '../../testing/random-stream.js'
import { RecordingSink } from '../../testing/recording-sink.js'
import { type ScriptedAnswer, scriptedTransport } from '../../testing/scripted-transport.js'
import { sized } from '../../testing/sized.js'
import { createCall } from '../request/call.js'
import type { StreamOptions } from '../request/stream-options.js'

const many = sized(1_000, 10_000)
const some = sized(200, 1_000)
const fewest = sized(100, 400)

/** How long the longest piece of a cut stream may be. */
const cuts = [1, 2, 7, 40, 400, 1_000_000]

/** A client that now and then wants no more for a while. */
class SlowClient extends RecordingSink {
  readonly #random: () => number
  isSlow = false

  constructor(random: () => number, now: () => number) {
    super(now)
    this.#random = random
  }

  override data(chunk: Uint8Array): boolean {
    super.data(chunk)
    if (!this.isSlow || this.#random() > 0.1) return true
    queueMicrotask(() => this.flow?.resume())
    return false
  }
}

/** What becomes of one stream on its way through a pool whose upstreams answer so, one after the other. */
interface Passage {
  readonly client: RecordingSink
  readonly attempts: number
}

class Passages {
  readonly random: () => number
  readonly runtime: FakeRuntime
  readonly #pool: KeyPool
  #answers: ScriptedAnswer[] = []

  constructor(seed: number, streams: StreamOptions = {}) {
    this.random = seededRandom(seed)
    this.runtime = fakeRuntime({ seed })
    const { now, random, setTimer, clearTimer } = this.runtime
    this.#pool = new KeyPool({
      provider: 'generic',
      baseURL: 'http://127.0.0.1:9',
      keys: Array.from({ length: 8 }, (_, at) => `sk-fake-${String(at).padStart(24, '0')}`),
      streams,
      runtime: { now, random, setTimer, clearTimer },
      transport: scriptedTransport(() => this.#answers.shift() ?? { status: 500 }),
    })
    onTestFinished(() => this.#pool.close())
  }

  async ready(): Promise<void> {
    await this.#pool.ready
  }

  cut(bytes: Buffer, more: Partial<ScriptedAnswer> = {}): ScriptedAnswer {
    const sizes = bytes.length > 20_000 ? cuts.slice(4) : cuts
    const longest = sizes[Math.floor(this.random() * sizes.length)] ?? 1
    return { chunks: cutAtRandom(bytes, longest, this.random), ...more }
  }

  async pass(answers: readonly ScriptedAnswer[], body = '{"model":"m","stream":true}'): Promise<Passage> {
    this.#answers = [...answers]
    const { runtime } = this
    const call = createCall(
      {
        method: 'POST',
        path: '/chat/completions',
        headers: ['content-type', 'application/json'],
        body: { bytes: Buffer.from(body) },
      },
      this.#pool.provider,
    )
    const client = new SlowClient(this.random, runtime.now)
    client.isSlow = this.random() < 0.2
    const { attempts } = await this.#pool.relay(call, client)
    // A pace may go on for a while, and cooldowns end.
    for (let grant = 0; grant < 50 && !client.isOver; grant++) await runtime.advanceAsync(100)
    runtime.advance(86_400_000)
    return { client, attempts: attempts.length }
  }
}

function expectSame(client: RecordingSink, expected: Buffer, what: string): void {
  if (client.bytes.equals(expected) && client.calls.at(-1) === 'end') return
  expect({ what, calls: client.calls, text: client.text }).toEqual({
    what,
    calls: ['head', 'data', 'end'],
    text: expected.toString(),
  })
}

describe('through the pool, however it is cut, with slow clients among them', () => {
  it(`every one of ${many} streams arrives byte for byte, whichever key answers in the end`, async () => {
    const passages = new Passages(1)
    await passages.ready()
    const { random } = passages
    const bad = (stream: RandomStream): ScriptedAnswer[] => {
      const preamble = Buffer.from(stream.events.slice(0, stream.outputAt).join(''))
      const error = Buffer.from('data: {"error":{"message":"overloaded"}}\n\n')
      return [
        passages.cut(preamble),
        passages.cut(preamble, { ending: 'reset' }),
        passages.cut(Buffer.concat([preamble, error])),
        { status: 503 },
        passages.cut(Buffer.from('data: {"choices":[]}\n\ndata: [DONE]\n\n')),
      ]
    }
    let retried = 0
    for (let run = 0; run < many; run++) {
      const stream = randomStream(random, { isHuge: run % 500 === 0 })
      const faults = random() < 0.15 ? bad(randomStream(random)) : []
      const fault = faults[Math.floor(random() * faults.length)]
      const first = fault === undefined ? [] : [fault]
      const { client, attempts } = await passages.pass([...first, passages.cut(stream.bytes)])
      if (attempts !== first.length + 1) expect([run, attempts]).toEqual([run, first.length + 1])
      retried += attempts - 1
      expectSame(client, stream.bytes, `stream ${run}`)
    }
    expect(retried).toBeGreaterThan(many / 10)
  })

  it('of every stream that breaks off the client has whole events, and then an error', async () => {
    const passages = new Passages(2)
    await passages.ready()
    for (let run = 0; run < some; run++) {
      const stream = randomStream(passages.random, { isTidy: true })
      const whole = Buffer.from(stream.events.slice(0, -1).join(''))
      const first = Buffer.from(stream.events.slice(0, stream.outputAt + 1).join('')).length
      // Behind the reason for the end, a clean end is one.
      const ending = passages.random() < 0.5 ? 'reset' : 'end'
      const reasonAt = whole.lastIndexOf(/"finish_reason":\s*"stop"/.exec(whole.toString())?.[0] ?? '')
      const last = ending === 'reset' ? whole.length : Math.max(reasonAt, first + 1)
      const at = first + Math.floor(passages.random() * (last - first))
      const { client } = await passages.pass([passages.cut(stream.bytes.subarray(0, at), { ending })])
      const events = splitEvents(client.bytes)
      expect(events.pop()?.toString()).toMatch(/^data: \{"error":\{"message":"The upstream broke off/)
      const came = Buffer.concat(events)
      expect(stream.bytes.subarray(0, came.length).equals(came)).toBe(true)
      expect(Buffer.byteLength(stream.events.slice(0, events.length).join(''))).toBe(came.length)
      expect(at - came.length).toBeLessThan(Buffer.byteLength(stream.events[events.length] ?? ''))
      expect(client.calls.at(-1)).toBe('fail')
    }
  })

  it('of usage that the client did not ask for only its event is missing', async () => {
    const passages = new Passages(3, { includeUsage: true })
    await passages.ready()
    for (let run = 0; run < sized(300, 3_000); run++) {
      const options: RandomStreamOptions = { isTidy: true, hasUsage: run % 4 !== 0, isHuge: run % 300 === 0 }
      const { bytes, events, usageAt } = randomStream(passages.random, options)
      const { client } = await passages.pass([passages.cut(bytes)])
      const kept = events.filter((_, at) => at !== usageAt).join('')
      expectSame(client, Buffer.from(kept), `stream ${run}`)
    }
  })

  it.each(['character', 'batch'] as const)('at an even pace only the text is cut anew: by %s', async (by) => {
    const passages = new Passages(4, { mode: 'smooth', smooth: { by } })
    await passages.ready()
    const { random, runtime } = passages
    let isCutAnew = 0
    for (let run = 0; run < some; run++) {
      const { bytes } = randomStream(random, { isTidy: true, isHuge: run % 250 === 0 })
      const onChunk = (): void => runtime.advance(Math.floor(random() ** 4 * 300))
      const { client } = await passages.pass([passages.cut(bytes, { onChunk })])
      const [got, sent] = [client.bytes, bytes].map(withoutCuts)
      if (JSON.stringify(got) !== JSON.stringify(sent)) expect({ run, got }).toEqual({ run, got: sent })
      expect(client.calls.at(-1)).toBe('end')
      if (splitEvents(client.bytes).length > splitEvents(bytes).length) isCutAnew++
    }
    expect(isCutAnew).toBeGreaterThan(some / 2)
  })

  it('put together to one reply is what its pieces say', async () => {
    const passages = new Passages(7, { mode: 'buffer' })
    await passages.ready()
    for (let run = 0; run < some; run++) {
      const { bytes } = randomStream(passages.random, { isTidy: true, hasUsage: run % 2 === 0 })
      const { client } = await passages.pass([passages.cut(bytes)], '{"model":"m"}')
      const { choices } = JSON.parse(client.text)
      const said = (name: string): string =>
        splitEvents(bytes)
          .map((event) => dataOf(event.toString()))
          .filter((data) => data !== undefined && data !== '[DONE]')
          .map((data) => JSON.parse(String(data)).choices[0])
          .map((choice) => (choice?.index === 0 ? (choice.delta[name] ?? '') : ''))
          .join('')
      // Half a character, escaped in one piece and the next, is a whole one.
      const { content, reasoning_content = '' } = choices[0].message
      expect([content, reasoning_content ?? '']).toEqual([said('content'), said('reasoning_content')])
      expect(choices[0].finish_reason).toBe('stop')
    }
  })

  it('of a stream with heartbeats everything is there, and they are between its events', async () => {
    const passages = new Passages(6, { heartbeatMs: 100 })
    await passages.ready()
    const { random, runtime } = passages
    let beats = 0
    for (let run = 0; run < some; run++) {
      const { bytes } = randomStream(random, { isTidy: true })
      const onChunk = (): void => runtime.advance(Math.floor(random() ** 4 * 300))
      const { client } = await passages.pass([passages.cut(bytes, { onChunk })])
      const events = splitEvents(client.bytes).map(String)
      const without = events.filter((event) => event !== heartbeat.toString()).join('')
      const sent = splitEvents(bytes)
      beats += events.length - sent.length
      // Behind a comment the mark of a stream's beginning is left out.
      if (events[0] === heartbeat.toString() && bytes[0] === 0xef) sent[0] = sent[0]?.subarray(3) ?? bytes
      if (!Buffer.from(without).equals(Buffer.concat(sent)))
        expect([run, without]).toEqual([run, sent.join('')])
      expect(client.calls.at(-1)).toBe('end')
    }
    expect(beats).toBeGreaterThan(some)
  })
})

it(`through real sockets ${fewest} streams arrive byte for byte, of which some are asked for twice`, async () => {
  const random = seededRandom(5)
  const streams = Array.from({ length: fewest }, (_, run) =>
    randomStream(random, { isHuge: run % 100 === 0 }),
  )
  const refused = new Set<number>()
  const server = createServer((request, response) => {
    const at = Number(/n=(\d+)/.exec(request.url ?? '')?.[1])
    response.setHeader('content-type', 'text/event-stream')
    if (at % 5 === 0 && !refused.has(at)) {
      refused.add(at)
      response.write('data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n')
      return void setImmediate(() => response.socket?.resetAndDestroy())
    }
    const { bytes } = streams[at] as RandomStream
    const longest = bytes.length > 20_000 ? 5_000 : (cuts[at % cuts.length] ?? 1)
    void writeAll(response, cutAtRandom(bytes, longest, seededRandom(at)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const pool = new KeyPool({
    provider: 'generic',
    baseURL: `http://127.0.0.1:${port}`,
    keys: Array.from({ length: 100 }, (_, at) => `sk-fake-${String(at).padStart(24, '0')}`),
  })
  onTestFinished(async () => {
    await pool.close()
    server.closeAllConnections()
    server.close()
  })
  const asked = async (at: number): Promise<void> => {
    const response = await pool.fetch(`${pool.baseURL}/chat/completions?n=${at}`, {
      method: 'POST',
      body: '{"model":"m","stream":true}',
    })
    const got = Buffer.from(await response.arrayBuffer())
    if (!got.equals(streams[at]?.bytes ?? got))
      expect([at, got.toString()]).toEqual([at, streams[at]?.bytes.toString()])
  }
  for (let at = 0; at < streams.length; at += 20)
    await Promise.all(Array.from({ length: 20 }, (_, beside) => asked(at + beside)))
  const refusals = fewest / 5
  expect(refused.size).toBe(refusals)
  expect(pool.stats()).toMatchObject({
    requests: fewest,
    successes: fewest,
    attempts: fewest + refusals,
    inFlight: 0,
  })
})

/** Each piece in a packet of its own, as far as the system goes along. */
async function writeAll(response: ServerResponse, pieces: readonly Buffer[]): Promise<void> {
  response.socket?.setNoDelay(true)
  for (const piece of pieces) {
    if (!response.write(piece)) await once(response, 'drain')
    else if (piece.length > 3) await promisesSettled()
  }
  response.end()
}

/**
 * A stream without the places where its text is cut: texts in a row are one, and events that differ in their text only
 * are one event.
 */
function withoutCuts(stream: Buffer): unknown[] {
  const parts: { others: string[]; text: string | null; index?: unknown }[] = []
  for (const event of splitEvents(stream).map(String)) {
    const found = textIn(event)
    let last = parts.at(-1)
    if (last === undefined || last.text === null || found === null || last.index !== found.index) {
      last = { others: [], text: found === null ? null : '', index: found?.index }
      parts.push(last)
    }
    if (found !== null) last.text += found.text
    const other = found === null ? event : found.other
    if (found === null || last.others.at(-1) !== other) last.others.push(other)
  }
  return parts
}

/** The text of an event that may be cut, and the event without it. */
function textIn(event: string): { text: string; other: string; index: unknown } | null {
  const data = dataOf(event)
  if (data === undefined || data === '[DONE]' || /^(?:id|:|retry)/m.test(event)) return null
  const { choices, ...rest } = JSON.parse(data)
  const [choice] = choices
  if (typeof choice?.delta?.content !== 'string') return null
  const { content, ...delta } = choice.delta
  return { text: content, index: choice.index, other: JSON.stringify([rest, { ...choice, delta }]) }
}
