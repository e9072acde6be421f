import { describe, expect, it } from 'vitest'
import { type FakeRuntime, fakeRuntime } from '../../testing/fake-runtime.js'
import {
  model,
  type SimulatedPool,
  type SimulatedPoolOptions,
  simulatedPool,
} from '../../testing/simulated-pool.js'
import { webSink } from '../client/web-sink.js'
import { createCall } from '../request/call.js'

type PoolSettings = SimulatedPoolOptions['pool']

/** A pool whose upstream answers every call with 503, on a clock of its own. */
async function inStorm(pool: PoolSettings = {}): Promise<{ upstream: SimulatedPool; runtime: FakeRuntime }> {
  const runtime = fakeRuntime()
  const upstream = await simulatedPool({
    keys: 20,
    runtime,
    pool: { strategy: 'round-robin', queue: { limit: 0 }, ...pool },
  })
  upstream.simulator.faults.add({ fault: { kind: 'error', name: 'overloaded' } })
  return { upstream, runtime }
}

/** Sends requests one after another, and returns how many calls they cost. */
async function cost(upstream: SimulatedPool, requests: number): Promise<number> {
  const before = upstream.calls.length
  for (let request = 0; request < requests; request++) {
    const response = await upstream.chat()
    await response.text()
    expect(response.status).toBe(503)
  }
  return upstream.calls.length - before
}

describe('a storm of overload', () => {
  it('costs each request one call, and a share of them another, once the budget is spent', async () => {
    const { upstream } = await inStorm({ retryBudget: { maxShare: 0.2, perSecond: 2 } })
    // The first one goes through the pool once, and all keys cool down.
    expect(await cost(upstream, 1)).toBe(20)
    // 101 requests so far, and ten seconds of two: what a fifth and twenty come to.
    expect(await cost(upstream, 100)).toBe(100 + 40)
  })

  it('costs no more than its first call where no retry is allowed', async () => {
    const { upstream } = await inStorm({ retryBudget: { maxShare: 0, perSecond: 0 } })
    expect(await cost(upstream, 1)).toBe(20)
    expect(await cost(upstream, 30)).toBe(30)
  })

  it('is answered with what the upstream said, and the trace names the option that ended it', async () => {
    const { upstream } = await inStorm({ retryBudget: { maxShare: 0, perSecond: 0 } })
    await cost(upstream, 1)
    const { pool } = upstream
    const { sink, response } = webSink()
    const body = { bytes: Buffer.from(JSON.stringify({ model, messages: [] })) }
    const input = { method: 'POST', path: '/chat/completions', headers: [], body, isTraced: true }
    await pool.relay(createCall(input, pool.provider), sink)
    const { status, headers } = await response
    expect(status).toBe(503)
    expect(JSON.parse(headers.get('x-sfpool-trace') ?? '')).toMatchObject({
      endedBy: 'retryBudget',
      attempts: [{ status: 503 }],
    })
  })

  it('says in an error of ours, where the upstream said nothing, which option ended it', async () => {
    const { upstream } = await inStorm({ retryBudget: { maxShare: 0, perSecond: 0 } })
    upstream.simulator.faults.clear()
    upstream.simulator.faults.add({ fault: { kind: 'reset', at: 'before-headers' } })
    const response = await upstream.chat()
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({
      error: { code: 'upstream_unreachable', message: expect.stringContaining('the option retryBudget') },
    })
  })

  it('serves with all keys again after the first success, not with one at a time', async () => {
    const { upstream, runtime } = await inStorm()
    for (let second = 0; second < 30; second++) {
      await cost(upstream, 5)
      runtime.advance(1_000)
    }
    upstream.simulator.faults.clear()
    const before = upstream.calls.length
    for (let request = 0; request < 40; request++) {
      const response = await upstream.chat()
      await response.text()
      expect(response.status).toBe(200)
      runtime.advance(25)
    }
    expect(new Set(upstream.usedKeys.slice(before)).size).toBe(20)
    expect(upstream.health).toEqual(upstream.health.map(() => 'ready'))
  })
})

describe('verdicts on keys', () => {
  it('cost nothing of the retry budget: the pool itself bounds them', async () => {
    const runtime = fakeRuntime()
    const upstream = await simulatedPool({
      keys: 20,
      runtime,
      pool: { retryBudget: { maxShare: 0, perSecond: 0 } },
    })
    for (let index = 1; index < 20; index++)
      upstream.simulator.faults.add({
        when: { account: `account-${index}` },
        fault: { kind: 'error', name: 'insufficient-balance' },
      })
    const response = await upstream.chat()
    expect(response.status).toBe(200)
    expect(response.headers.get('x-sfpool-attempts')).toBe('20')
  })
})
