import { describe, expect, it } from 'vitest'
import type { KeyPoolError } from '../errors.js'
import type { KeyPool } from '../pool.js'
import { promisesSettled } from '../testing/fake-runtime.js'
import { poolUnderTest } from '../testing/pool-under-test.js'
import type { Lease } from './lease.js'
import type { LeaseRequest } from './lease-request.js'

const second = 1_000
const minute = 60 * second

const keys = (count: number) => Array.from({ length: count }, (_, index) => `sk-fake-lease-${index}`)
const limited = (seconds: number) =>
  ({ kind: 'rate-limited', fault: 'limit', retryAfterMs: seconds * second }) as const

/** Asks for a lease and notes what became of it. */
function asking(pool: KeyPool) {
  const answered: string[] = []
  const leases = new Map<string, Lease>()
  const ask = (name: string, request: LeaseRequest = {}): void => {
    pool.acquire({ model: 'm', ...request }).then(
      (lease) => {
        leases.set(name, lease)
        answered.push(`${name}: served`)
      },
      (error: KeyPoolError) => void answered.push(`${name}: ${error.code ?? error.message}`),
    )
  }
  return { ask, answered, leases }
}

describe('a request for which no key is free now', () => {
  it.each(['tokens', 'images', 'maxWaitMs'])('is refused when its %s is no number', async (option) => {
    const { pool } = await poolUnderTest({ keys: keys(1) })
    for (const value of [Number.NaN, -1])
      await expect(pool.acquire({ [option]: value })).rejects.toThrow(`${option} must be a number`)
    await expect(pool.acquire({ maxWaitMs: Number.POSITIVE_INFINITY })).resolves.toBeDefined()
  })

  it('is not refused because one before it asks for more than any account may use', async () => {
    const { pool, runtime } = await poolUnderTest({
      keys: keys(1),
      limits: { models: { m: { RPM: 1, TPM: 1_000 } }, learn: false },
      queue: { maxWaitMs: 5 * minute },
    })
    ;(await pool.acquire({ model: 'm', tokens: 1 })).settle('success')
    const { ask, answered } = asking(pool)
    ask('small', { tokens: 1 })
    ask('giant', { tokens: 5_000 })
    ask('next', { tokens: 1 })
    await runtime.advanceAsync(3 * minute)
    expect(answered).toEqual(['small: served', 'giant: all_keys_cooling', 'next: served'])
  })

  it('waits until the first is free, and is served then', async () => {
    const { pool, runtime } = await poolUnderTest({ keys: keys(1) })
    ;(await pool.acquire({ model: 'm' })).settle(limited(3))
    const { ask, answered } = asking(pool)
    ask('a')
    await runtime.advanceAsync(2_900)
    expect(answered).toEqual([])
    // Chance adds up to a second, so that keys refused together do not wake together.
    await runtime.advanceAsync(1_200)
    expect(answered).toEqual(['a: served'])
  })

  it('is refused at once when none will be free in time, with the true time', async () => {
    const { pool, runtime } = await poolUnderTest({ keys: keys(1) })
    ;(await pool.acquire({ model: 'm' })).settle(limited(60))
    const startedAt = runtime.now()
    const error = await pool.acquire({ model: 'm' }).catch((caught: KeyPoolError) => caught)
    expect(error).toMatchObject({ code: 'all_keys_cooling' })
    const { retryAfterMs = 0 } = error as KeyPoolError
    expect(retryAfterMs).toBeGreaterThanOrEqual(60 * second)
    expect(retryAfterMs).toBeLessThan(62 * second)
    expect(runtime.now()).toBe(startedAt)
  })

  it.each<[string, LeaseRequest, number]>([
    ['the pool’s queue.maxWaitMs', {}, 15 * second],
    ['its own maxWaitMs', { maxWaitMs: 4 * second }, 4 * second],
    ['its own, when that is longer', { maxWaitMs: 40 * second }, 40 * second],
    ['none at all, when that is zero', { maxWaitMs: 0 }, 0],
  ])('waits for a busy key no longer than %s', async (_name, request, mostMs) => {
    const { pool, runtime } = await poolUnderTest({ keys: keys(1), limits: { concurrency: { key: 1 } } })
    await pool.acquire({ model: 'm' })
    const { ask, answered } = asking(pool)
    ask('a', request)
    await runtime.advanceAsync(Math.max(mostMs - 1, 0))
    expect(answered).toEqual(mostMs === 0 ? ['a: queue_full'] : [])
    await runtime.advanceAsync(1)
    expect(answered).toEqual(['a: queue_full'])
  })

  it('is served in its turn, and not overtaken by those who come later', async () => {
    const { pool } = await poolUnderTest({ keys: keys(1), limits: { concurrency: { key: 1 } } })
    const first = await pool.acquire({ model: 'm' })
    const { ask, answered, leases } = asking(pool)
    for (const name of ['a', 'b', 'c']) ask(name)
    await promisesSettled()
    first.settle('success')
    ask('late')
    await promisesSettled()
    for (const name of ['a', 'b', 'c']) {
      leases.get(name)?.settle('success')
      await promisesSettled()
    }
    expect(answered).toEqual(['a: served', 'b: served', 'c: served', 'late: served'])
  })

  it('is served when a call of another model ends that had the last place', async () => {
    for (const concurrency of [{ key: 1 }, { account: 1 }, { pool: 1 }]) {
      const { pool } = await poolUnderTest({ keys: keys(1), limits: { concurrency } })
      const other = await pool.acquire({ model: 'other' })
      const { ask, answered } = asking(pool)
      ask('a')
      await promisesSettled()
      expect(answered).toEqual([])
      other.settle('success')
      await promisesSettled()
      expect(answered).toEqual(['a: served'])
    }
  })

  it('is served when a call of another model ends that pacing let through', async () => {
    const { pool } = await poolUnderTest({ keys: keys(1), pacing: true })
    const other = await pool.acquire({ model: 'other' })
    const { ask, answered } = asking(pool)
    ask('a')
    await promisesSettled()
    other.settle('success')
    await promisesSettled()
    expect(answered).toEqual(['a: served'])
  })

  it('is served when the trial of another model shows that the account has money again', async () => {
    const { pool, runtime } = await poolUnderTest({ keys: keys(1) })
    ;(await pool.acquire({ model: 'm' })).settle('insufficient-balance')
    runtime.advance(30 * minute)
    const trial = await pool.acquire({ model: 'other' })
    const { ask, answered } = asking(pool)
    ask('a')
    await promisesSettled()
    expect(answered).toEqual([])
    trial.settle('success')
    await promisesSettled()
    expect(answered).toEqual(['a: served'])
  })

  it.each<[string, (pool: KeyPool, id: string) => Promise<unknown>]>([
    ['a key is added', (pool) => pool.keys.add(['sk-fake-newcomer'])],
    ['a key is enabled', (pool, id) => pool.keys.enable([id])],
    ['a key is reset', (pool, id) => pool.keys.reset([id])],
  ])('is served when %s', async (_name, act) => {
    const { pool } = await poolUnderTest({ keys: keys(1) })
    const lease = await pool.acquire({ model: 'm' })
    const { id } = lease.key
    lease.settle(limited(10))
    const { ask, answered } = asking(pool)
    ask('a')
    await promisesSettled()
    expect(answered).toEqual([])
    await act(pool, id)
    await promisesSettled()
    expect(answered).toEqual(['a: served'])
  })

  it('leaves no trace when its client leaves, and the next is served in its place', async () => {
    const { pool, runtime } = await poolUnderTest({ keys: keys(1), limits: { concurrency: { key: 1 } } })
    const idleTimers = runtime.timerCount
    const first = await pool.acquire({ model: 'm' })
    const { ask, answered, leases } = asking(pool)
    const client = new AbortController()
    ask('a', { signal: client.signal })
    ask('b')
    await promisesSettled()
    client.abort(new Error('left'))
    await promisesSettled()
    expect(answered).toEqual(['a: left'])
    first.settle('success')
    await promisesSettled()
    expect(answered).toEqual(['a: left', 'b: served'])
    leases.get('b')?.settle('success')
    expect(pool.keys.list()[0]).toMatchObject({ status: 'ready', requests: 2 })
    const next = await pool.acquire({ model: 'm' })
    next.settle('success')
    await runtime.advanceAsync(11 * minute)
    expect(runtime.timerCount).toBe(idleTimers)
  })

  it('is not even asked for when its client has left before', async () => {
    const { pool } = await poolUnderTest({ keys: keys(1) })
    const gone = AbortSignal.abort(new Error('gone'))
    await expect(pool.acquire({ model: 'm', signal: gone })).rejects.toThrow('gone')
    expect(pool.keys.list()[0]).toMatchObject({ requests: 0 })
  })

  it('gives the key back that came together with the leaving of its client', async () => {
    const { pool } = await poolUnderTest({ keys: keys(1), limits: { concurrency: { key: 1 } } })
    const first = await pool.acquire({ model: 'm' })
    const { ask, answered } = asking(pool)
    const client = new AbortController()
    ask('a', { signal: client.signal })
    await promisesSettled()
    first.settle('success')
    client.abort(new Error('left'))
    await promisesSettled()
    expect(answered).toEqual(['a: left'])
    ask('b')
    await promisesSettled()
    expect(answered).toEqual(['a: left', 'b: served'])
  })

  it('is answered when the pool is closed', async () => {
    const { pool, runtime } = await poolUnderTest({ keys: keys(1), limits: { concurrency: { key: 1 } } })
    await pool.acquire({ model: 'm' })
    const { ask, answered } = asking(pool)
    ask('a')
    ask('b', { model: 'other' })
    await promisesSettled()
    await pool.close()
    expect(answered).toEqual(['a: pool_closed', 'b: pool_closed'])
    expect(runtime.timerCount).toBe(0)
  })
})

describe('a lease that is never given back', () => {
  const leaseTimeoutMs = 5 * minute

  it('gives its places back after its time, and reports it', async () => {
    const { pool, runtime } = await poolUnderTest({
      keys: keys(1),
      leaseTimeoutMs,
      limits: { concurrency: { key: 1 } },
    })
    const expired: unknown[] = []
    pool.on('lease-expired', (event) => void expired.push(event))
    const lease = await pool.acquire({ model: 'm' })
    const { ask, answered } = asking(pool)
    ask('a', { maxWaitMs: leaseTimeoutMs + second })
    await runtime.advanceAsync(leaseTimeoutMs - 1)
    expect([expired, answered]).toEqual([[], []])
    await runtime.advanceAsync(1)
    expect(expired).toEqual([{ key: lease.key.id, model: 'm' }])
    expect(answered).toEqual(['a: served'])
  })

  it('is still heard when it is settled late, and frees nothing twice', async () => {
    const { pool, runtime } = await poolUnderTest({
      keys: keys(1),
      leaseTimeoutMs,
      limits: { concurrency: { key: 1 } },
    })
    const lost = await pool.acquire({ model: 'm' })
    await runtime.advanceAsync(leaseTimeoutMs)
    const next = await pool.acquire({ model: 'm' })
    const usage = {
      promptTokens: 3,
      completionTokens: 4,
      totalTokens: 7,
      cachedTokens: 0,
      reasoningTokens: 0,
    }
    lost.settle('success', usage)
    expect(pool.keys.list()[0]).toMatchObject({ requests: 2, successes: 1 })
    await expect(pool.acquire({ model: 'm', maxWaitMs: 0 })).rejects.toMatchObject({ code: 'queue_full' })
    lost.settle('unauthorized')
    lost[Symbol.dispose]()
    expect(pool.keys.list()[0]).toMatchObject({ status: 'ready', successes: 1 })
    next.settle('success')
    next.settle('success')
    expect(pool.keys.list()[0]).toMatchObject({ requests: 2, successes: 2 })
    await pool.acquire({ model: 'm', maxWaitMs: 0 })
    await expect(pool.acquire({ model: 'm', maxWaitMs: 0 })).rejects.toMatchObject({ code: 'queue_full' })
  })

  it('that was a trial makes way for another', async () => {
    const { pool, runtime } = await poolUnderTest({ keys: keys(1), leaseTimeoutMs })
    ;(await pool.acquire({ model: 'm' })).settle('insufficient-balance')
    runtime.advance(30 * minute)
    const lost = await pool.acquire({ model: 'm' })
    await expect(pool.acquire({ model: 'm', maxWaitMs: 0 })).rejects.toMatchObject({
      code: 'all_keys_cooling',
    })
    await runtime.advanceAsync(leaseTimeoutMs)
    const trial = await pool.acquire({ model: 'm', maxWaitMs: 0 })
    // What is reported of the lost one now does not decide the trial.
    lost.settle('success')
    expect(pool.keys.list()[0]?.status).toBe('probing')
    trial.settle('success')
    expect(pool.keys.list()[0]?.status).toBe('ready')
  })

  it('that is settled in time never expires, and each has its own time', async () => {
    const { pool, runtime } = await poolUnderTest({ keys: keys(2), leaseTimeoutMs })
    const expired: string[] = []
    pool.on('lease-expired', ({ model }) => void expired.push(model))
    const settled = await pool.acquire({ model: 'settled' })
    runtime.advance(minute)
    await pool.acquire({ model: 'second' })
    runtime.advance(minute)
    await pool.acquire({ model: 'third' })
    settled.settle('success')
    runtime.advance(4 * minute - 1)
    expect(expired).toEqual([])
    runtime.advance(1)
    expect(expired).toEqual(['second'])
    runtime.advance(minute)
    expect(expired).toEqual(['second', 'third'])
    expect(runtime.timerCount).toBeLessThanOrEqual(1)
  })

  it('is not waited for longer when the clock is set back', async () => {
    const { pool, runtime } = await poolUnderTest({ keys: keys(1), leaseTimeoutMs })
    const expired: string[] = []
    pool.on('lease-expired', ({ model }) => void expired.push(model))
    await pool.acquire({ model: 'm' })
    runtime.advance(minute)
    runtime.shiftClock(-60 * minute)
    runtime.advance(2 * leaseTimeoutMs)
    expect(expired).toEqual(['m'])
  })
})
