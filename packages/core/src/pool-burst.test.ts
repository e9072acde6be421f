import { describe, expect, it } from 'vitest'
import { KeyPoolError } from './errors.js'
import type { Lease } from './lease/lease.js'
import type { LeaseRequest } from './lease/lease-request.js'
import type { KeyPool } from './pool.js'
import type { PoolOptions } from './pool-options.js'
import { memoryStore } from './store/memory/memory-store.js'
import type { FakeRuntime } from './testing/fake-runtime.js'
import { fakeRuntime, promisesSettled } from './testing/fake-runtime.js'
import { poolUnderTest } from './testing/pool-under-test.js'

const calls = 1_000
const second = 1_000
const minute = 60 * second

interface Burst {
  readonly leases: Lease[]
  readonly errors: KeyPoolError[]
}

const acme = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ secret: `sk-fake-burst-${index}`, account: 'acme' }))

/** So many pools over one store, on one clock. */
async function pools(
  count: number,
  options: PoolOptions,
): Promise<{ pools: KeyPool[]; runtime: FakeRuntime }> {
  const store = memoryStore()
  const runtime = fakeRuntime()
  const all: KeyPool[] = []
  for (let index = 0; index < count; index++) {
    const { pool } = await poolUnderTest({ runtime, queue: { limit: 0 }, ...options }, store)
    all.push(pool)
  }
  return { pools: all, runtime }
}

/** A thousand calls at once, dealt out to the pools in turn. */
async function burst(pools: readonly KeyPool[], request: LeaseRequest): Promise<Burst> {
  const settled = await Promise.allSettled(
    Array.from({ length: calls }, (_, index) => (pools[index % pools.length] as KeyPool).acquire(request)),
  )
  return {
    leases: settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
    errors: settled.flatMap((each) => (each.status === 'rejected' ? [each.reason as KeyPoolError] : [])),
  }
}

const unshared =
  'skipped, because no store shares its counts yet and each pool would keep the limit for itself'

describe.each([
  ['one pool', 1, false],
  [`4 pools over one store (${unshared})`, 4, true],
])('a thousand calls at once on %s', (_name, count, isSkipped) => {
  it.skipIf(isSkipped).each<[string, PoolOptions['limits'], LeaseRequest, number]>([
    ['RPM 100', { models: { m: { RPM: 100 } } }, {}, 100],
    ['RPH 100', { models: { m: { RPH: 100 } } }, {}, 100],
    ['RPD 100', { models: { m: { RPD: 100 } } }, {}, 100],
    ['TPM 10,000, 100 each', { models: { m: { TPM: 10_000 } } }, { tokens: 100 }, 100],
    ['TPD 10,000, 100 each', { models: { m: { TPD: 10_000 } } }, { tokens: 100 }, 100],
    ['IPM 200, 2 each', { models: { m: { IPM: 200 } } }, { images: 2 }, 100],
    ['IPD 200, 2 each', { models: { m: { IPD: 200 } } }, { images: 2 }, 100],
    ['the tightest of several', { models: { m: { RPM: 100, TPM: 5_000 } } }, { tokens: 100 }, 50],
    ['a pattern', { models: { 'm*': { RPM: 100 } } }, {}, 100],
    [
      'a limit of the account',
      { models: { m: { RPM: 900 } }, accounts: { acme: { m: { RPM: 100 } } } },
      {},
      100,
    ],
  ])('against %s of one account let exactly through what it allows', async (_name, limits, more, fit) => {
    const { pools: all, runtime } = await pools(count, { keys: acme(2), ...(limits && { limits }) })
    const { leases, errors } = await burst(all, { model: 'm', ...more })
    expect(leases).toHaveLength(fit)
    expect(errors).toHaveLength(calls - fit)
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['all_keys_cooling']))
    expect(new Set(leases.map(({ key }) => key.id)).size).toBe(2)
    // The true time: then exactly as many go, and a moment before none does.
    const [error] = errors
    const wait = error?.retryAfterMs ?? 0
    expect(new Set(errors.map(({ retryAfterMs }) => retryAfterMs))).toEqual(new Set([wait]))
    runtime.advance(wait - 1)
    expect((await burst(all, { model: 'm', ...more })).leases).toHaveLength(0)
    runtime.advance(1)
    expect((await burst(all, { model: 'm', ...more })).leases).toHaveLength(fit)
  })
})

describe('a thousand calls at once', () => {
  it('keep the limit of each account and each model, not of the pool', async () => {
    const keys = ['a', 'b', 'c'].map((name) => ({ secret: `sk-fake-burst-${name}`, account: name }))
    const { pools: all } = await pools(1, { keys, limits: { models: { m: { RPM: 100 }, n: { RPM: 10 } } } })
    const { leases } = await burst(all, { model: 'm' })
    const served = leases.map(({ key }) => key.account)
    expect(['a', 'b', 'c'].map((name) => served.filter((each) => each === name).length)).toEqual([
      100, 100, 100,
    ])
    expect((await burst(all, { model: 'n' })).leases).toHaveLength(30)
    expect((await burst(all, { model: 'unlimited' })).leases).toHaveLength(calls)
  })

  it.each<[string, PoolOptions['limits'], number]>([
    ['key', { concurrency: { key: 50 } }, 100],
    ['account', { concurrency: { account: 60 } }, 60],
    ['pool', { concurrency: { pool: 70 } }, 70],
    ['the tightest of all', { concurrency: { key: 50, account: 90, pool: 95 } }, 90],
  ])(
    'against a concurrency limit of the %s let exactly through what it allows',
    async (_name, limits, fit) => {
      const { pools: all } = await pools(1, { keys: acme(2), ...(limits && { limits }) })
      const { leases, errors } = await burst(all, { model: 'm' })
      expect(leases).toHaveLength(fit)
      expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['queue_full']))
      for (const { message, retryAfterMs } of errors) {
        expect(message).toContain('limits.concurrency')
        expect(retryAfterMs).toBeUndefined()
      }
      for (const lease of leases.slice(0, 10)) lease.settle('success')
      expect((await burst(all, { model: 'm' })).leases).toHaveLength(10)
      for (const lease of leases) lease.settle('success')
      expect((await burst(all, { model: 'm' })).leases).toHaveLength(fit - 10)
    },
  )

  it('of which the first were given back leave their places to as many others', async () => {
    const { pools: all } = await pools(1, { keys: acme(1), limits: { models: { m: { TPM: 10_000 } } } })
    const { leases } = await burst(all, { model: 'm', tokens: 100 })
    const usage = {
      promptTokens: 10,
      completionTokens: 0,
      totalTokens: 10,
      cachedTokens: 0,
      reasoningTokens: 0,
    }
    for (const lease of leases.slice(0, 50)) lease.settle('success', usage)
    // 90 of each 100 tokens come back: 4,500 in all.
    expect((await burst(all, { model: 'm', tokens: 100 })).leases).toHaveLength(45)
  })

  it('wait in the queue where it is long enough, and are served as the window moves', async () => {
    const queue = { limit: 1_000, maxWaitMs: 20 * minute }
    const { pools: all, runtime } = await pools(1, {
      keys: acme(2),
      limits: { models: { m: { RPM: 100 } } },
      queue,
    })
    const [pool] = all as [KeyPool]
    const served: number[] = []
    const waiting = Array.from({ length: calls }, async (_, index) => {
      const lease = await pool.acquire({ model: 'm' })
      served.push(index)
      lease.settle('success')
    })
    await promisesSettled()
    expect(served).toHaveLength(100)
    for (let minutes = 1; minutes < 10; minutes++) {
      await runtime.advanceAsync(minute + second)
      expect(served).toHaveLength(100 * (minutes + 1))
    }
    await Promise.all(waiting)
    expect(served).toEqual(Array.from({ length: calls }, (_, index) => index))
    expect(runtime.timerCount).toBeLessThanOrEqual(2)
  })

  it('that cannot all wait are refused: the queue is full, and when a key is free', async () => {
    const queue = { limit: 30, maxWaitMs: 2 * minute }
    const { pools: all, runtime } = await pools(1, {
      keys: acme(1),
      limits: { models: { m: { RPM: 100 } } },
      queue,
    })
    const settled = burst(all, { model: 'm' })
    await runtime.advanceAsync(2 * minute)
    const { leases, errors } = await settled
    expect(leases).toHaveLength(130)
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['queue_full']))
    expect(errors[0]?.message).toContain('queue.limit')
    expect(errors[0]?.retryAfterMs).toBeGreaterThan(59 * second)
    expect(errors.every((error) => KeyPoolError.isInstance(error))).toBe(true)
  })
})
