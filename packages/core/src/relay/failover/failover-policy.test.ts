import { describe, expect, it } from 'vitest'
import { fakeRuntime, promisesSettled } from '../../testing/fake-runtime.js'
import { hurry } from '../../testing/hurry.js'
import {
  model,
  type SimulatedPool,
  type SimulatedPoolOptions,
  simulatedPool,
} from '../../testing/simulated-pool.js'

const minute = 60_000
const free = 'Qwen/Qwen3-8B'
const pro = 'Pro/deepseek-ai/DeepSeek-V3'
const noQueue = { queue: { limit: 0 } }

/** A pool on a clock of its own, with nothing to wait for in the queue. */
async function onItsClock({ pool, ...options }: SimulatedPoolOptions = {}) {
  const runtime = fakeRuntime()
  const upstream = await simulatedPool({ runtime, ...options, pool: { ...noQueue, ...pool } })
  await upstream.pool.ready
  return { upstream, runtime }
}

/** How many keys have which health. */
const countsOf = ({ health }: SimulatedPool): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const each of health) counts[each] = (counts[each] ?? 0) + 1
  return counts
}

const pathsOf = ({ calls }: SimulatedPool): string[] => calls.map(({ path }) => path.replace('/v1', ''))

/** Waits for something real. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await promisesSettled()
}

describe('all keys answering alike at once', () => {
  it.each([
    ['503', 'overloaded', 503],
    ['429', 'rate-limit-rpm', 429],
  ] as const)('with %s: none is disabled', async (_what, name, status) => {
    const { upstream } = await onItsClock({ keys: 20, pool: { strategy: 'round-robin' } })
    upstream.simulator.faults.add({ fault: { kind: 'error', name } })
    const responses = await Promise.all(Array.from({ length: 30 }, () => upstream.chat()))
    expect(new Set(responses.map((response) => response.status))).toEqual(new Set([status]))
    for (const { status: each, enabled } of upstream.pool.keys.list())
      expect({ each, enabled }).toEqual({ each: 'ready', enabled: true })
    if (status === 429) {
      const waits = responses.map(({ headers }) => Number(headers.get('retry-after')))
      // Whether these are limits is not known yet, so clients are not kept for the rest of the minute.
      for (const wait of waits) expect(wait).toBeGreaterThanOrEqual(1)
      for (const wait of waits) expect(wait).toBeLessThanOrEqual(3)
    }
    upstream.simulator.faults.clear()
    if (status === 503) expect((await upstream.chat()).status).toBe(200)
  })

  it('with 429: Retry-After names the time at which a key is free', async () => {
    const { upstream, runtime } = await onItsClock({ keys: 5 })
    upstream.simulator.faults.add({ fault: { kind: 'error', name: 'rate-limit-tpm' }, times: 5 })
    const refused = await upstream.chat()
    expect(refused.status).toBe(429)
    runtime.advance(Number(refused.headers.get('retry-after')) * 1_000)
    expect((await upstream.chat()).status).toBe(200)
  })

  it('with 401: a tenth is invalid, the others are asked about and come back with the upstream', async () => {
    const { upstream, runtime } = await onItsClock({ keys: 20 })
    upstream.simulator.faults.add({ fault: { kind: 'error', name: 'token-invalid' } })
    const refused = await upstream.chat()
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ error: { code: 'all_keys_invalid' } })
    expect(countsOf(upstream)).toEqual({ invalid: 2, cooling: 18 })
    // They are asked about when their cooldown is over, while no client asks for anything.
    const before = upstream.calls.length
    runtime.advance(minute)
    await until(
      () => upstream.calls.length === before + 18 && upstream.calls.every(({ finishedAt }) => finishedAt),
    )
    expect(new Set(pathsOf(upstream).slice(before))).toEqual(new Set(['/models']))
    await promisesSettled()
    expect(countsOf(upstream)).toEqual({ invalid: 2, cooling: 18 })
    upstream.simulator.faults.clear()
    runtime.advance(10 * minute)
    await until(() => countsOf(upstream).probing === 18)
    for (let call = 0; call < 18; call++) expect((await upstream.chat()).status).toBe(200)
    expect(countsOf(upstream)).toEqual({ invalid: 2, probing: 17, ready: 1 })
    await upstream.pool.keys.reset(upstream.pool.keys.list().map(({ id }) => id))
    expect(countsOf(upstream)).toEqual({ ready: 20 })
  })

  it('with 402: short cooldowns for all but a tenth, and no key is disabled', async () => {
    const { upstream, runtime } = await onItsClock({ keys: 20 })
    upstream.simulator.faults.add({ fault: { kind: 'error', name: 'insufficient-balance' } })
    const refused = await upstream.chat()
    expect(refused.status).toBe(402)
    expect(await refused.json()).toMatchObject({ error: { code: 'all_keys_exhausted' } })
    expect(refused.headers.get('retry-after')).toBeNull()
    expect(refused.headers.get('x-should-retry')).toBe('false')
    expect(countsOf(upstream)).toEqual({ exhausted: 20 })
    upstream.simulator.faults.clear()
    runtime.advance(minute)
    const responses = await Promise.all(Array.from({ length: 18 }, () => upstream.chat()))
    expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 200))
    expect(countsOf(upstream)).toEqual({ exhausted: 2, ready: 18 })
  })
})

describe('a 401 to a key that served before', () => {
  const withHistory = async () => {
    const { upstream, runtime } = await onItsClock({ keys: 2 })
    expect((await upstream.chat()).status).toBe(200)
    upstream.simulator.faults.add({
      when: { account: 'account-1', path: 'chat/*' },
      fault: { kind: 'error', name: 'token-invalid' },
      times: 1,
    })
    return { upstream, runtime }
  }
  const probesOf = ({ calls }: SimulatedPool): number =>
    calls.filter(({ path }) => path.endsWith('/models')).length

  it('costs the client nothing; it is asked about once, tried once, and ready', async () => {
    const { upstream, runtime } = await withHistory()
    expect((await upstream.chat()).headers.get('x-sfpool-attempts')).toBe('2')
    expect(upstream.health).toEqual(['cooling', 'ready'])
    runtime.advance(0)
    await until(() => upstream.health[0] === 'probing')
    expect((await upstream.chat()).status).toBe(200)
    expect(upstream.health).toEqual(['ready', 'ready'])
    expect(upstream.usedKeys).toEqual([0, 0, 1, 0, 0])
    expect(probesOf(upstream)).toBe(1)
  })

  it('makes it invalid when it is refused there too', async () => {
    const { upstream, runtime } = await withHistory()
    upstream.simulator.faults.add({
      when: { account: 'account-1', path: 'models' },
      fault: { kind: 'error', name: 'token-invalid' },
    })
    expect((await upstream.chat()).status).toBe(200)
    runtime.advance(0)
    await until(() => upstream.health[0] === 'invalid')
    expect(probesOf(upstream)).toBe(1)
    expect((await upstream.chat()).headers.get('x-sfpool-attempts')).toBe('1')
  })

  it('to one that never served makes it invalid at once, without a probe', async () => {
    const { upstream, runtime } = await onItsClock({ keys: 2 })
    upstream.simulator.faults.add({
      when: { account: 'account-1' },
      fault: { kind: 'error', name: 'token-invalid' },
    })
    expect((await upstream.chat()).status).toBe(200)
    expect(upstream.health).toEqual(['invalid', 'ready'])
    await hurry(upstream.chat(), runtime)
    expect(probesOf(upstream)).toBe(0)
  })
})

describe('money', () => {
  it('that is missing on a Pro model leaves the other models of the account alive', async () => {
    const { upstream } = await onItsClock({ keys: 1, scenario: { money: { voucher: '16' } } })
    expect((await upstream.chat({ model: pro })).status).toBe(402)
    expect((await upstream.chat({ model })).status).toBe(200)
    expect((await upstream.chat({ model: free })).status).toBe(200)
    const before = upstream.calls.length
    expect((await upstream.chat({ model: pro })).status).toBe(402)
    expect(upstream.calls).toHaveLength(before)
  })

  it('that is missing on a paid model leaves the free ones alive, and spares the accounts that have some', async () => {
    const { upstream } = await onItsClock({ keys: 2, pool: { strategy: 'round-robin' } })
    upstream.simulator.accounts.update('account-1', { money: { charged: '0' } })
    for (let call = 0; call < 4; call++) expect((await upstream.chat()).status).toBe(200)
    expect(upstream.health).toEqual(['exhausted', 'ready'])
    const before = upstream.calls.length
    for (let call = 0; call < 4; call++) expect((await upstream.chat({ model: free })).status).toBe(200)
    expect(upstream.usedKeys.slice(before)).toEqual([0, 0, 0, 0])
    expect((await upstream.chat()).status).toBe(200)
    expect(upstream.usedKeys.at(-1)).toBe(1)
  })

  it('that is back is found by one call after the cooldown, which costs its client nothing', async () => {
    const { upstream, runtime } = await onItsClock({ keys: 2 })
    upstream.simulator.accounts.update('account-1', { money: { charged: '0' } })
    expect((await upstream.chat()).status).toBe(200)
    runtime.advance(30 * minute)
    expect((await upstream.chat()).headers.get('x-sfpool-attempts')).toBe('2')
    upstream.simulator.accounts.update('account-1', { money: { charged: '10' } })
    runtime.advance(60 * minute)
    expect((await upstream.chat()).headers.get('x-sfpool-attempts')).toBe('1')
    expect(upstream.health).toEqual(['ready', 'ready'])
  })
})

describe('limits', () => {
  it('that are declared are kept, so that the upstream never refuses', async () => {
    const { upstream } = await onItsClock({
      keys: 3,
      scenario: { limits: { rpm: 5 } },
      pool: { strategy: 'round-robin', limits: { models: { '*': { RPM: 5 } } } },
    })
    const responses = await Promise.all(Array.from({ length: 40 }, () => upstream.chat()))
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(15)
    expect(responses.filter(({ status }) => status === 429)).toHaveLength(25)
    expect(upstream.calls.map(({ status }) => status)).toEqual(upstream.calls.map(() => 200))
    expect(upstream.calls).toHaveLength(15)
  })

  it('of an account are not tried again with its other key', async () => {
    const { upstream } = await onItsClock({
      keys: 1,
      scenario: { keysPerAccount: 2 },
      pool: { strategy: 'sequential', keys: [] },
    })
    await upstream.pool.keys.add(upstream.keys.map((secret) => ({ secret, account: 'acme' })))
    upstream.simulator.faults.add({ fault: { kind: 'error', name: 'rate-limit-rpm' } })
    const refused = await upstream.chat()
    expect(refused.status).toBe(429)
    expect(refused.headers.get('x-sfpool-attempts')).toBe('1')
    expect(upstream.calls).toHaveLength(1)
  })

  it('on how many calls run at once are kept while answers stream', async () => {
    const { upstream } = await onItsClock({ keys: 2, pool: { limits: { concurrency: { key: 1 } } } })
    upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'mid-body' }, times: 2 })
    const clients = [new AbortController(), new AbortController()]
    const streams = await Promise.all(clients.map(({ signal }) => upstream.stream({}, { signal })))
    expect(streams.map(({ status }) => status)).toEqual([200, 200])
    const refused = await upstream.stream()
    expect(refused.status).toBe(429)
    expect(await refused.json()).toMatchObject({ error: { code: 'queue_full' } })
    clients[0]?.abort()
    await until(() => upstream.calls.some(({ abortedAt }) => abortedAt !== undefined))
    expect((await upstream.stream()).status).toBe(200)
    clients[1]?.abort()
  })
})

describe('a refusal without a reason', () => {
  const models = [
    'Qwen/Qwen3-8B',
    'Qwen/Qwen2.5-7B-Instruct',
    'deepseek-ai/DeepSeek-V3',
    'deepseek-ai/DeepSeek-R1',
    model,
  ]

  it('takes a key out after five in a row; it is asked about, and one live request tries it', async () => {
    const { upstream, runtime } = await onItsClock({ keys: 2 })
    upstream.simulator.faults.add({
      when: { account: 'account-1', path: 'chat/*' },
      fault: { kind: 'error', name: 'forbidden' },
      times: 5,
    })
    for (const [index, each] of models.entries()) {
      expect(upstream.pool.keys.list()[0]?.status).toBe('ready')
      const response = await upstream.chat({ model: each })
      expect({ index, status: response.status }).toEqual({ index, status: 200 })
    }
    expect(upstream.health).toEqual(['cooling', 'ready'])
    const before = upstream.calls.length
    expect((await upstream.chat()).headers.get('x-sfpool-attempts')).toBe('1')
    runtime.advance(10 * minute)
    await until(() => upstream.health[0] === 'probing')
    expect(pathsOf(upstream).slice(before + 1)).toEqual(['/models'])
    // The account's cooldowns on the models are a little longer, by chance.
    runtime.advance(3 * minute)
    expect((await upstream.chat()).headers.get('x-sfpool-attempts')).toBe('1')
    expect(upstream.usedKeys.at(-1)).toBe(0)
    expect(upstream.health[0]).toBe('ready')
  })
})

describe('an inferred cooldown', () => {
  it('is over with the first output of a later call, long before its stream is', async () => {
    const { upstream, runtime } = await onItsClock({ keys: 1 })
    upstream.simulator.faults.add({ fault: { kind: 'error', name: 'overloaded' }, times: 1 })
    expect((await upstream.chat()).status).toBe(503)
    expect(upstream.health).toEqual([`overload on ${model}`])
    runtime.advance(1)
    upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'mid-body' } })
    const leaving = new AbortController()
    const stream = await upstream.stream({}, { signal: leaving.signal })
    expect(stream.status).toBe(200)
    expect(upstream.health).toEqual(['ready'])
    leaving.abort()
  })
})
