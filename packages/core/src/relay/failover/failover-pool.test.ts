import type { OutcomeFault } from '@sfpool/simulator'
import { describe, expect, it } from 'vitest'
import { fakeRuntime } from '../../testing/fake-runtime.js'
import { type SimulatedPool, type SimulatedPoolOptions, simulatedPool } from '../../testing/simulated-pool.js'

const faults = {
  'a 401': { kind: 'error', name: 'token-invalid' },
  'a 402': { kind: 'error', name: 'insufficient-balance' },
  'a 403': { kind: 'error', name: 'wrong-tier' },
  'a 429': { kind: 'error', name: 'rate-limit-rpm' },
  'a 503': { kind: 'error', name: 'overloaded' },
  'a reset': { kind: 'reset', at: 'before-headers' },
  'a hang': { kind: 'hang', at: 'before-headers' },
} as const satisfies Record<string, OutcomeFault>

type Trouble = keyof typeof faults
const troubles = Object.keys(faults) as Trouble[]
const oneOf =
  (...some: readonly Trouble[]) =>
  (index: number): Trouble =>
    some[index % some.length] ?? 'a 401'

interface Recipe {
  readonly keys: number
  /** How many of them, at the end, are in no trouble. */
  readonly good: number
  readonly troubleOf: (index: number) => Trouble
  readonly pool?: SimulatedPoolOptions['pool']
}

interface TroubledPool extends SimulatedPool {
  /** Waits for an answer while the pool's clock runs as fast as calls hang. */
  hurry(answer: Promise<Response>): Promise<Response>
}

/** Short beside every cooldown, so that no bad key is due again before the last one was tried. */
const patienceMs = 50

/** A pool on a clock of its own, where patience ends only with the keys that were made to hang. */
async function troubled({ keys, good, troubleOf, pool }: Recipe): Promise<TroubledPool> {
  const runtime = fakeRuntime()
  const upstream = await simulatedPool({
    keys,
    runtime,
    pool: { timeouts: { firstByte: patienceMs }, queue: { limit: 0 }, ...pool },
  })
  const hanging = new Set<string | undefined>()
  const givenUp = new Set<string>()
  for (let index = 0; index < keys - good; index++) {
    const trouble = troubleOf(index)
    if (trouble === 'a hang') hanging.add(upstream.keys[index])
    upstream.simulator.faults.add({ when: { account: `account-${index + 1}` }, fault: faults[trouble] })
  }
  const hurry = async (answer: Promise<Response>): Promise<Response> => {
    let isOver = false
    const over = answer.finally(() => {
      isOver = true
    })
    while (!isOver) {
      const call = upstream.calls.at(-1)
      if (call !== undefined && hanging.has(call.key) && !givenUp.has(call.id)) {
        givenUp.add(call.id)
        runtime.advance(patienceMs)
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    return over
  }
  return Object.defineProperties({ hurry }, Object.getOwnPropertyDescriptors(upstream)) as TroubledPool
}

/** How often each key was called, by its place. */
function callCounts({ keys, usedKeys }: SimulatedPool): number[] {
  const counts = keys.map(() => 0)
  for (const index of usedKeys) counts[index] = (counts[index] ?? 0) + 1
  return counts
}

describe('50 keys of which 49 are in trouble', () => {
  it.each<[string, (index: number) => Trouble]>([
    ...troubles.map((trouble): [string, () => Trouble] => [trouble, () => trouble]),
    ['something else for each', oneOf(...troubles)],
  ])('%s: every call succeeds, and each bad key is called at most once', async (_what, troubleOf) => {
    const upstream = await troubled({ keys: 50, good: 1, troubleOf })
    for (const ask of [upstream.chat, upstream.stream, upstream.chat]) {
      const response = await upstream.hurry(ask())
      expect(response.status).toBe(200)
      expect(await response.text()).toContain('"finish_reason":"stop"')
    }
    const counts = callCounts(upstream)
    expect(Math.max(...counts.slice(0, 49))).toBeLessThanOrEqual(1)
    expect(counts[49]).toBe(3)
    expect(upstream.health[49]).toBe('ready')
  })

  it.each(['round-robin', 'random', 'weighted', 'sequential'] as const)(
    'under %s, with calls side by side, every call succeeds too',
    async (strategy) => {
      const troubleOf = oneOf(...troubles.filter((trouble) => trouble !== 'a hang'))
      const upstream = await troubled({ keys: 50, good: 1, troubleOf, pool: { strategy } })
      const responses = await Promise.all(Array.from({ length: 20 }, () => upstream.chat()))
      expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 200))
      await Promise.all(responses.map((response) => response.text()))
      const before = upstream.calls.length
      for (let count = 0; count < 10; count++) await (await upstream.chat()).text()
      expect(upstream.usedKeys.slice(before).filter((index) => index !== 49).length).toBeLessThan(49)
    },
  )
})

describe('all 50 keys in the same trouble', () => {
  it.each<[Trouble, number, string | number, boolean]>([
    ['a 401', 503, 'all_keys_invalid', false],
    ['a 402', 402, 'all_keys_exhausted', false],
    ['a 403', 403, 30007, false],
    ['a 429', 429, 'all_keys_cooling', true],
    ['a 503', 503, 50508, false],
    ['a reset', 502, 'upstream_unreachable', false],
    ['a hang', 504, 'upstream_timeout', false],
  ])('%s: %i %s', async (trouble, status, code, hasRetryAfter) => {
    const upstream = await troubled({ keys: 50, good: 0, troubleOf: () => trouble })
    const response = await upstream.hurry(upstream.chat())
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: { code, message: expect.stringMatching(/\w/) } })
    expect(response.headers.has('retry-after')).toBe(hasRetryAfter)
    expect(Number(response.headers.get('x-sfpool-attempts'))).toBe(upstream.calls.length)
    expect(Math.max(...callCounts(upstream))).toBe(1)
  })

  it.each<[Trouble, number]>([
    ['a 401', 0],
    ['a 402', 0],
    ['a 403', 0],
    ['a 429', 0],
    ['a 503', 3],
    ['a reset', 3],
  ])('%s: later calls ask the upstream %i times at most', async (trouble, most) => {
    const upstream = await troubled({ keys: 50, good: 0, troubleOf: () => trouble })
    expect((await upstream.chat()).status).toBeGreaterThanOrEqual(400)
    for (let count = 0; count < 5; count++) {
      const before = upstream.calls.length
      expect((await upstream.chat()).status).toBeGreaterThanOrEqual(400)
      expect(upstream.calls.length - before).toBeLessThanOrEqual(most)
    }
  })

  it('and one that is over again is found', async () => {
    const upstream = await troubled({ keys: 50, good: 0, troubleOf: () => 'a 503' })
    expect((await upstream.chat()).status).toBe(503)
    upstream.simulator.faults.clear()
    expect((await upstream.chat()).status).toBe(200)
  })
})

describe('a thousand keys', () => {
  it('that are overloaded cost one request 64 calls at most', async () => {
    const upstream = await troubled({ keys: 1000, good: 0, troubleOf: () => 'a 503' })
    expect((await upstream.chat()).status).toBe(503)
    expect(upstream.calls).toHaveLength(64)
  })

  it('of which 999 are refused cost one request all of them, once', async () => {
    const upstream = await troubled({ keys: 1000, good: 1, troubleOf: () => 'a 401' })
    expect((await upstream.chat()).status).toBe(200)
    expect(upstream.calls).toHaveLength(1000)
    expect((await upstream.chat()).status).toBe(200)
    expect(upstream.calls).toHaveLength(1001)
  })
})

describe('an answer of ours', () => {
  it('says when a key is free again, in whole seconds that are not too few', async () => {
    const upstream = await simulatedPool({ pool: { queue: { limit: 0 } } })
    upstream.simulator.faults.add({ fault: { kind: 'error', name: 'rate-limit-rpm' } })
    upstream.simulator.faults.add({ fault: { kind: 'headers', headers: { 'retry-after': '7' } } })
    const { headers } = await upstream.chat()
    expect(['7', '8']).toContain(headers.get('retry-after'))
  })

  it('names the command that adds a key when there is none', async () => {
    const { chat } = await simulatedPool({ pool: { keys: [] } })
    const response = await chat()
    expect(response.status).toBe(503)
    expect(response.headers.get('x-sfpool-attempts')).toBe('0')
    expect(await response.json()).toEqual({
      error: {
        message: 'The pool has no keys. Add one with: sfpool add <key>',
        type: 'server_error',
        code: 'no_keys',
        param: null,
      },
    })
  })

  it('is given when the pool is closed, too', async () => {
    const { pool, chat } = await simulatedPool()
    await pool.close()
    const response = await chat()
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ error: { code: 'pool_closed' } })
  })

  it('prefers what the upstream said to what we could say, unless it speaks of one key', async () => {
    const upstream = await troubled({ keys: 3, good: 0, troubleOf: oneOf('a 401', 'a 429', 'a 503') })
    expect(await (await upstream.chat()).json()).toMatchObject({ code: 50508 })
    const other = await troubled({ keys: 3, good: 0, troubleOf: oneOf('a 503', 'a 401', 'a 429') })
    expect(await (await other.chat()).json()).toMatchObject({ error: { code: 'all_keys_cooling' } })
  })
})
