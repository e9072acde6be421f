import { keysOf, makeScenario } from '@sfpool/simulator'
import { describe, expect, it, onTestFinished } from 'vitest'
import { KeyPool } from '../../pool.js'
import type { PoolOptions } from '../../pool-options.js'
import { type FakeRuntime, fakeRuntime, promisesSettled, seededRandom } from '../../testing/fake-runtime.js'
import { manualTransport } from '../../testing/manual-transport.js'
import { RecordingSink } from '../../testing/recording-sink.js'
import {
  model,
  type SimulatedPool,
  type SimulatedPoolOptions,
  simulatedPool,
} from '../../testing/simulated-pool.js'
import { sized } from '../../testing/sized.js'
import type { Transport } from '../../transport/transport.js'
import { createCall } from '../request/call.js'

const second = 1_000

interface HedgedPool extends SimulatedPool {
  readonly runtime: FakeRuntime
}

/** A pool that hedges every request after a second, on a clock that stands still. */
async function hedged({ pool, ...options }: SimulatedPoolOptions = {}): Promise<HedgedPool> {
  const runtime = fakeRuntime()
  const hedging = { afterMs: second, maxShare: 1 }
  const upstream = await simulatedPool({ runtime, ...options, pool: { hedging, ...pool } })
  await upstream.pool.ready
  return Object.assign(upstream, { runtime })
}

const silent = { kind: 'hang', at: 'before-headers' } as const
const withoutOutput = { kind: 'hang', at: 'mid-body', afterEvents: 1 } as const

/** The response of a request whose first attempt has been silent for as long as it may be alone. */
async function outwaited(upstream: HedgedPool, answer: Promise<Response>): Promise<Response> {
  await expect.poll(() => upstream.calls.length, { interval: 1 }).toBe(1)
  upstream.runtime.advance(second)
  return answer
}

describe('a request that waits unusually long for its first output', () => {
  it.each([
    ['head', silent, 'chat'],
    ['output', withoutOutput, 'stream'],
  ] as const)(
    'of which no %s comes: a second account serves it, the first call ends',
    async (_what, fault, how) => {
      const upstream = await hedged()
      upstream.simulator.faults.add({ fault, times: 1 })
      const response = await outwaited(upstream, upstream[how]())
      expect(response.status).toBe(200)
      expect(response.headers.get('x-sfpool-attempts')).toBe('2')
      const text = await response.text()
      expect(text).toContain(how === 'stream' ? '[DONE]' : '"finish_reason":"stop"')
      expect(upstream.usedKeys).toEqual([0, 1])
      await expect.poll(() => upstream.calls[0]?.abortedAt).toBeGreaterThan(0)
      expect(upstream.health).toEqual(['ready', 'ready'])
      expect(upstream.pool.stats().inFlight).toBe(0)
    },
  )

  it('is never served by a key of the same account', async () => {
    const scenario = { accounts: 1, keysPerAccount: 2 }
    const keys = keysOf(makeScenario(scenario), 'cn').map((secret) => ({ secret, account: 'acme' }))
    const upstream = await hedged({ scenario, pool: { keys } })
    upstream.simulator.faults.add({ fault: silent, times: 1 })
    const response = upstream.chat({}, { signal: AbortSignal.timeout(100) })
    await expect(outwaited(upstream, response)).rejects.toThrow()
    expect(upstream.calls).toHaveLength(1)
  })

  it('goes on with the first when that is faster after all', async () => {
    const upstream = await hedged()
    upstream.simulator.faults.add({ fault: { kind: 'delay', at: 'before-headers', ms: 60 }, times: 1 })
    upstream.simulator.faults.add({ fault: silent, skip: 1 })
    const response = await outwaited(upstream, upstream.chat())
    expect(response.status).toBe(200)
    await expect.poll(() => upstream.calls[1]?.abortedAt).toBeGreaterThan(0)
    expect(upstream.health).toEqual(['ready', 'ready'])
  })

  it('fails over as ever when both fail', async () => {
    const upstream = await hedged({ keys: 3 })
    const later = { kind: 'delay', at: 'before-headers', ms: 60 } as const
    upstream.simulator.faults.add({ fault: later, times: 2 })
    upstream.simulator.faults.add({ fault: { kind: 'error', name: 'rate-limit-rpm' }, times: 2 })
    const response = await outwaited(upstream, upstream.chat())
    expect(response.status).toBe(200)
    expect(upstream.usedKeys).toEqual([0, 1, 2])
  })

  it('ends both calls when the client leaves', async () => {
    const upstream = await hedged()
    upstream.simulator.faults.add({ fault: silent })
    const client = new AbortController()
    const answer = upstream.chat({}, { signal: client.signal })
    await expect.poll(() => upstream.calls.length, { interval: 1 }).toBe(1)
    upstream.runtime.advance(second)
    await expect.poll(() => upstream.calls.length, { interval: 1 }).toBe(2)
    client.abort()
    await expect(answer).rejects.toThrow('aborted')
    for (const call of [0, 1]) await expect.poll(() => upstream.calls[call]?.abortedAt).toBeGreaterThan(0)
    expect(upstream.pool.stats().inFlight).toBe(0)
    expect(upstream.health).toEqual(['ready', 'ready'])
  })
})

describe('a request with two attempts', () => {
  it('is answered with the mistake that one of them reports, while the other is silent', async () => {
    const upstream = await hedged()
    upstream.simulator.faults.add({ fault: silent, times: 1 })
    upstream.simulator.faults.add({ fault: { kind: 'error', name: 'parameter-invalid' } })
    const response = await outwaited(upstream, upstream.chat())
    expect(response.status).toBe(400)
    expect(response.headers.get('x-sfpool-attempts')).toBe('2')
    await expect.poll(() => upstream.calls[0]?.abortedAt).toBeGreaterThan(0)
    expect(upstream.health).toEqual(['ready', 'ready'])
    expect(upstream.pool.stats().inFlight).toBe(0)
  })

  it('is served by the one with output first, also where that is kept until it is whole', async () => {
    const upstream = await hedged({ pool: { streams: { mode: 'buffer' } } })
    upstream.simulator.faults.add({ fault: withoutOutput, times: 1 })
    upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'mid-body', afterEvents: 5 } })
    const client = new AbortController()
    const answer = outwaited(upstream, upstream.chat({}, { signal: client.signal }))
    await expect.poll(() => upstream.calls[1]?.eventCount).toBe(5)
    await expect.poll(() => upstream.calls[0]?.abortedAt).toBeGreaterThan(0)
    expect(upstream.calls[1]?.abortedAt).toBeUndefined()
    client.abort()
    await expect(answer).rejects.toThrow('aborted')
  })
})

describe('where this machine has no means for an attempt of a race', () => {
  const exhausted = Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' })
  const reply = '{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}'

  /** A request that is hedged after a second, and whose calls are answered by the test. */
  async function asked(options: PoolOptions = {}) {
    const runtime = fakeRuntime()
    const transport = manualTransport()
    const hedging = { afterMs: second, maxShare: 1 }
    const pool = new KeyPool({ keys: ['sk-fake-a', 'sk-fake-b'], runtime, transport, hedging, ...options })
    onTestFinished(() => pool.close())
    await pool.ready
    const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] })
    const sink = new RecordingSink()
    const call = createCall(
      { method: 'POST', path: '/chat/completions', headers: [], body: { bytes: Buffer.from(body) } },
      pool.provider,
    )
    const report = pool.relay(call, sink)
    await promisesSettled()
    return { pool, runtime, sink, report, calls: transport.calls }
  }

  it('a single attempt without a descriptor is 503 with Retry-After, as without hedging', async () => {
    const { sink, report, calls } = await asked()
    calls[0]?.handler.onError(exhausted)
    expect(await report).toMatchObject({ status: 503, outcome: 'rejected', error: { code: 'overloaded' } })
    expect([sink.status, sink.header('retry-after')]).toEqual([503, '1'])
  })

  it('a second attempt without a descriptor leaves the first one alone', async () => {
    const { runtime, report, calls } = await asked()
    runtime.advance(second)
    calls[1]?.handler.onError(exhausted)
    await promisesSettled()
    expect(calls[0]?.isAborted).toBe(false)
    calls[0]?.head(['content-type', 'application/json'])
    calls[0]?.data(reply)
    calls[0]?.handler.onEnd()
    expect(await report).toMatchObject({ status: 200, outcome: 'success' })
  })

  it('an answer that finds no room is 503 with Retry-After, as without hedging', async () => {
    const { pool, sink, report, calls } = await asked({ bufferBudget: 200_000, streams: { mode: 'buffer' } })
    pool.buffers.take(100_000)
    calls[0]?.head()
    for (const _ of [1, 2])
      calls[0]?.data(`data: {"choices":[{"delta":{"content":"${'x'.repeat(50_000)}"}}]}\n\n`)
    expect(await report).toMatchObject({ status: 503, outcome: 'rejected', error: { code: 'overloaded' } })
    expect([sink.status, sink.header('retry-after')]).toEqual([503, '2'])
  })
})

describe('no second attempt is made', () => {
  it('once the first has output, which the client does not see before it is whole', async () => {
    const upstream = await hedged({ pool: { streams: { mode: 'buffer' } } })
    upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'mid-body', afterEvents: 5 } })
    const client = new AbortController()
    const answer = upstream.chat({}, { signal: client.signal })
    while (upstream.calls[0]?.eventCount !== 5) await promisesSettled()
    await new Promise((resolve) => setTimeout(resolve, 20))
    await upstream.runtime.advanceAsync(10 * second)
    expect(upstream.calls).toHaveLength(1)
    client.abort()
    await expect(answer).rejects.toThrow('aborted')
  })

  it('without the option', async () => {
    const upstream = await hedged({ pool: { hedging: false } })
    upstream.simulator.faults.add({ fault: { kind: 'delay', at: 'before-headers', ms: 60 } })
    const response = await outwaited(upstream, upstream.chat())
    expect(response.headers.get('x-sfpool-attempts')).toBe('1')
  })

  it('of a call that must not run twice', async () => {
    const upstream = await hedged()
    upstream.simulator.faults.add({ fault: { kind: 'delay', at: 'before-headers', ms: 60 } })
    const asked = upstream.ask('/images/generations', { model: 'Kwai-Kolors/Kolors', prompt: 'a cat' })
    expect((await outwaited(upstream, asked)).headers.get('x-sfpool-attempts')).toBe('1')
  })

  it('of a request that failed before it had waited long: that is failover', async () => {
    const upstream = await hedged()
    upstream.simulator.faults.add({ fault: { kind: 'error', name: 'rate-limit-rpm' }, times: 1 })
    expect((await upstream.chat()).status).toBe(200)
    expect(upstream.usedKeys).toEqual([0, 1])
    upstream.runtime.advance(10 * second)
    await promisesSettled()
    expect(upstream.calls).toHaveLength(2)
  })

  it('beyond the share of requests that may have one', async () => {
    const upstream = await hedged({ keys: 3, pool: { hedging: { afterMs: second, maxShare: 0.5 } } })
    upstream.simulator.faults.add({ fault: { kind: 'delay', at: 'before-headers', ms: 40 } })
    const attempts: (string | null)[] = []
    for (let count = 0; count < 6; count++) {
      const seen = upstream.calls.length
      const answer = upstream.chat()
      await expect.poll(() => upstream.calls.length, { interval: 1 }).toBe(seen + 1)
      upstream.runtime.advance(second)
      attempts.push((await answer).headers.get('x-sfpool-attempts'))
    }
    expect(attempts).toEqual(['1', '2', '1', '2', '1', '2'])
  })
})

/** An upstream whose first output takes as long as the function says, on the clock of the test. */
function timedTransport(
  runtime: FakeRuntime,
  latencyMs: () => number,
): Transport & { readonly calls: number } {
  const transport = {
    calls: 0,
    dispatch: (_request: unknown, handler: Parameters<Transport['dispatch']>[1]) => {
      transport.calls++
      handler.onSent()
      const timer = runtime.setTimer(() => {
        handler.onHead(200, ['content-type', 'application/json'])
        handler.onData(Buffer.from('{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}]}'))
        handler.onEnd()
      }, latencyMs())
      return { pause: () => {}, resume: () => {}, abort: () => runtime.clearTimer(timer) }
    },
    close: async () => {},
  }
  return transport
}

/** The sorted times of so many requests, of which three in a hundred meet a slow upstream. */
async function timesOf(count: number, hedging: boolean): Promise<{ times: number[]; calls: number }> {
  const runtime = fakeRuntime()
  const random = seededRandom(7)
  const latencyMs = (): number => (random() < 0.03 ? 4_000 : 400) * (0.5 + random())
  const transport = timedTransport(runtime, latencyMs)
  const pool = new KeyPool({ keys: ['sk-fake-a', 'sk-fake-b', 'sk-fake-c'], runtime, transport, hedging })
  onTestFinished(() => pool.close())
  await pool.ready
  const times: number[] = []
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] })
  for (let request = 0; request < count; request++) {
    const startedAt = runtime.now()
    const answer = pool.fetch(`${pool.baseURL}/chat/completions`, { method: 'POST', body })
    let endedAt = 0
    const ended = answer.then(async (response) => {
      endedAt = runtime.now()
      await response.text()
    })
    while (endedAt === 0) await runtime.advanceAsync(20)
    await ended
    times.push(endedAt - startedAt)
  }
  return { times: times.sort((one, other) => one - other), calls: transport.calls }
}

describe('hedging at the time that 95 in 100 requests to the model need', () => {
  it('more than halves the slowest hundredth for at most one call more in twenty', async () => {
    const count = sized(1_000, 3_000)
    const [plain, hedgedOnes] = [await timesOf(count, false), await timesOf(count, true)]
    const p99 = (times: readonly number[]): number => times[Math.floor(times.length * 0.99)] as number
    expect(plain.calls).toBe(count)
    expect(p99(plain.times)).toBeGreaterThan(3_000)
    expect(p99(hedgedOnes.times)).toBeLessThan(p99(plain.times) / 2)
    expect(hedgedOnes.calls - count).toBeGreaterThan(count * 0.02)
    expect(hedgedOnes.calls - count).toBeLessThanOrEqual(count * 0.05)
  })
})
