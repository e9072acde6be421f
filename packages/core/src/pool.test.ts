import { describe, expect, it, onTestFinished } from 'vitest'
import { ConfigError, KeyPoolError } from './errors.js'
import { fakeToken } from './key/testing/make-key.js'
import { KeyPool } from './pool.js'
import type { PoolOptions } from './pool-options.js'
import { memoryStore } from './store/memory/memory-store.js'
import type { Candidate } from './strategy/strategy.js'
import { fakeRuntime, promisesSettled } from './testing/fake-runtime.js'
import { silentTransport } from './testing/silent-transport.js'
import { troubledStore } from './testing/troubled-store.js'

const [a, b] = [fakeToken('aaa'), fakeToken('bbb')] as const

function poolOf(options: PoolOptions = {}): KeyPool {
  const pool = new KeyPool({ runtime: fakeRuntime(), ...options })
  onTestFinished(() => pool.close().catch(() => {}))
  return pool
}

const codeOf = async (promise: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await promise.then(
    () => 'resolved',
    (caught: unknown) => caught,
  )
  return KeyPoolError.isInstance(error) ? error.code : error
}

describe('making a pool', () => {
  it('needs nothing: SiliconFlow’s address, no keys, a memory store', async () => {
    const pool = poolOf()
    await pool.ready
    expect(pool.baseURL).toBe('https://api.siliconflow.cn/v1')
    expect(pool.provider.name).toBe('siliconflow')
    expect(pool.replayLimit).toBe(16 * 1024 * 1024)
    expect(await codeOf(pool.acquire())).toBe('no_keys')
  })

  it('takes keys that can be used without waiting for the store to be read', async () => {
    const pool = poolOf({ keys: [a] })
    using lease = await pool.acquire()
    expect(lease.secret).toBe(a)
  })

  it('refuses a wrong option at once', () => {
    expect(() => new KeyPool({ strategy: 'quickest' as 'random' })).toThrow(ConfigError)
    expect(() => new KeyPool({ keys: [a, ''] })).toThrow(/^keys\[1\]\.secret must not be empty; received/)
  })

  it('names a wrong key by its place and does not repeat it', () => {
    expect(() => new KeyPool({ keys: ['sk-fake\ncanary'] })).toThrow(
      expect.objectContaining({ option: 'keys[0].secret', message: expect.not.stringContaining('canary') }),
    )
  })

  it('takes keys that the store has already as they are there', async () => {
    const store = memoryStore()
    const first = poolOf({ keys: [{ secret: a, label: 'first' }], store })
    await first.ready
    const second = poolOf({ keys: [{ secret: a, label: 'second' }, b], store })
    await second.ready
    expect(second.keys.list().map(({ label }) => label)).toEqual(['first', null])
  })
})

describe('a store that cannot be read', () => {
  it('is an error of `ready`, and of every call, with the store’s own words', async () => {
    const store = troubledStore()
    store.broken.add('load')
    const pool = poolOf({ store, keys: [a], transport: silentTransport() })
    const failed = { code: 'store_failed', message: 'the test broke load' }
    await expect(pool.ready).rejects.toMatchObject(failed)
    await expect(pool.acquire()).rejects.toMatchObject(failed)
    await expect(pool.keys.add([b])).rejects.toMatchObject(failed)
    await expect(pool.reload()).rejects.toMatchObject(failed)
    const answer = await pool.fetch(`${pool.baseURL}/models`)
    expect(answer.status).toBe(500)
    expect(await answer.json()).toMatchObject({ error: failed })
  })

  it('does not end the process when `ready` is not awaited', async () => {
    const rejections: unknown[] = []
    const note = (reason: unknown) => void rejections.push(reason)
    process.on('unhandledRejection', note)
    const store = troubledStore()
    store.broken.add('revision')
    poolOf({ store })
    await promisesSettled()
    await promisesSettled()
    process.off('unhandledRejection', note)
    expect(rejections).toEqual([])
  })

  it('can still be closed', async () => {
    const store = troubledStore()
    store.broken.add('load')
    const pool = poolOf({ store })
    await pool.close()
    expect(store.calls.close).toBe(1)
  })
})

describe('acquiring', () => {
  it('gives keys in turn and counts what runs', async () => {
    const pool = poolOf({ keys: [a, b] })
    const leases = [await pool.acquire(), await pool.acquire(), await pool.acquire()]
    expect(leases.map(({ secret }) => secret)).toEqual([a, b, a])
    expect(pool.stats()).toMatchObject({ inFlight: 3 })
    for (const lease of leases) lease.settle('success')
    expect(pool.stats()).toMatchObject({ inFlight: 0 })
  })

  it.each([
    ['rate-limited', 'all_keys_cooling', 429, true],
    ['insufficient-balance', 'all_keys_exhausted', 402, false],
    ['unauthorized', 'all_keys_invalid', 503, false],
  ] as const)('fails when every key is %s: %s', async (outcome, code, status, isTimed) => {
    const pool = poolOf({ keys: [a] })
    ;(await pool.acquire({ model: 'm' })).settle(outcome)
    const error: unknown = await pool.acquire({ model: 'm', maxWaitMs: 0 }).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code, status })
    expect(((error as KeyPoolError).retryAfterMs ?? 0) > 0).toBe(isTimed)
  })

  it('lets a key with an inferred cooldown serve when there is no other', async () => {
    const pool = poolOf({ keys: [a] })
    ;(await pool.acquire({ model: 'm' })).settle('timeout')
    using lease = await pool.acquire({ model: 'm' })
    expect(lease.secret).toBe(a)
  })

  it('is given up when the signal has fired', async () => {
    const pool = poolOf({ keys: [a] })
    const reason = new Error('changed my mind')
    await expect(pool.acquire({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(pool.stats().inFlight).toBe(0)
  })

  it('asks a strategy of the user’s own', async () => {
    const seated: Candidate[] = []
    const newest = {
      add: (candidate: Candidate) => void seated.unshift(candidate),
      remove: (candidate: Candidate) => void seated.splice(seated.indexOf(candidate), 1),
      pick: (accepts: (candidate: Candidate) => boolean) => seated.find(accepts),
    }
    const pool = poolOf({ keys: [a, b], strategy: newest })
    using lease = await pool.acquire()
    expect(lease.secret).toBe(b)
  })
})

describe('statistics', () => {
  it('count the keys and what was served since the start', async () => {
    const runtime = fakeRuntime()
    const startedAt = new Date(runtime.now()).toISOString()
    const pool = poolOf({ keys: [a, { secret: b, enabled: false }], runtime })
    await pool.ready
    expect(pool.stats()).toEqual({
      startedAt,
      keys: { total: 2, ready: 1, cooling: 0, probing: 0, exhausted: 0, invalid: 0, disabled: 1 },
      inFlight: 0,
      waiting: 0,
      requests: 0,
      successes: 0,
      failures: {},
      attempts: 0,
      tokens: { prompt: 0, completion: 0, total: 0, cached: 0, reasoning: 0 },
      models: [],
    })
  })

  it('count a request that no key could serve', async () => {
    const pool = poolOf()
    const answer = await pool.fetch(`${pool.baseURL}/models`)
    expect(answer.status).toBe(503)
    expect(pool.stats()).toMatchObject({ requests: 1, successes: 0, attempts: 0, failures: { rejected: 1 } })
  })
})

describe('the balance', () => {
  it('adds up what is known or estimated, to the last digit', async () => {
    const pool = poolOf({
      keys: [{ secret: a, balance: '0.10' }, { secret: b, balance: '0.205' }, fakeToken('c')],
    })
    expect(await pool.balance()).toMatchObject({ total: '0.305', currency: 'CNY' })
  })

  it('counts the money of an account once, however many keys it has', async () => {
    const pool = poolOf({
      keys: [
        { secret: a, account: 'acme', balance: '5' },
        { secret: b, account: 'acme' },
      ],
    })
    const { total, accounts, keys } = await pool.balance()
    expect(total).toBe('5.00')
    expect(accounts).toHaveLength(1)
    expect(keys.map(({ balance }) => balance.amount)).toEqual(['5.00', '5.00'])
  })

  it('is unknown when nothing is known, or when the moneys differ', async () => {
    expect(await poolOf({ keys: [a] }).balance()).toMatchObject({ total: null, currency: 'CNY' })
    expect(await poolOf().balance()).toEqual({
      total: null,
      totals: {},
      currency: null,
      accounts: [],
      keys: [],
      unanswered: 0,
    })
    const mixed = [
      { secret: a, balance: '5' },
      { secret: b, balance: '5', site: 'com' },
    ]
    expect(await poolOf({ keys: mixed }).balance()).toMatchObject({
      total: null,
      currency: null,
      totals: { CNY: '5.00', USD: '5.00' },
    })
  })
})

describe('a check', () => {
  it.each([
    [{ concurrency: 0 }, 'check.concurrency must be from 1 to 1000; received 0'],
    [{ concurrency: 1.5 }, 'check.concurrency must be a whole number; received 1.5'],
    [{ intervalMs: -1 }, 'check.intervalMs must be a number of milliseconds from 0, or a pair of them'],
    [{ intervalMs: [900, 200] as [number, number] }, 'check.intervalMs must be a number of milliseconds'],
    [{ timeoutMs: -1 }, 'check.timeoutMs must not be negative'],
    [{ retries: -1 }, 'check.retries must not be negative'],
    [{ site: 'us' }, 'check.site must be one of cn, com; received "us"'],
    [{ keys: 'canary' as unknown as string[] }, 'check.keys must be a list of tokens; received'],
  ])('refuses %j', async (options, message) => {
    const error: unknown = await poolOf()
      .check(options)
      .next()
      .catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as ConfigError).message).toContain(message)
    expect((error as ConfigError).message).not.toContain('canary')
  })
})

describe('closing', () => {
  it('writes what is left, closes store and connections, and refuses everything after', async () => {
    const base = memoryStore()
    const store = troubledStore(base)
    const transport = silentTransport()
    const pool = poolOf({ keys: [a], store, transport })
    const lease = await pool.acquire()
    lease.settle('success')
    await pool.close()
    expect((await base.load()).keyStates).toMatchObject([{ requests: 1, successes: 1 }])
    expect(store.calls.close).toBe(1)
    expect(transport.isClosed).toBe(true)
    expect(await codeOf(pool.acquire())).toBe('pool_closed')
    expect(await codeOf(pool.keys.add([b]))).toBe('pool_closed')
    expect(await codeOf(pool.keys.remove([]))).toBe('pool_closed')
    expect(await codeOf(pool.reload())).toBe('pool_closed')
    expect((await pool.fetch(`${pool.baseURL}/models`)).status).toBe(503)
  })

  it('is done once, and a second call waits for the same end', async () => {
    const store = troubledStore()
    const pool = poolOf({ store })
    await pool.ready
    const release = store.hold('close')
    let ended = 0
    const closings = [pool.close(), pool.close()].map((closing) => closing.then(() => ended++))
    await promisesSettled()
    expect(ended).toBe(0)
    release()
    await Promise.all(closings)
    expect(store.calls.close).toBe(1)
  })

  it('waits for a key that is being added', async () => {
    const base = memoryStore()
    const store = troubledStore(base)
    const pool = poolOf({ store })
    await pool.ready
    const release = store.hold('putKeys')
    const adding = pool.keys.add([a])
    await promisesSettled()
    const closing = pool.close()
    await promisesSettled()
    expect(store.calls.close).toBeUndefined()
    release()
    expect((await adding).added).toHaveLength(1)
    await closing
    expect((await base.load()).keys).toHaveLength(1)
  })

  it('leaves no timer behind, not even when a lease is settled later', async () => {
    const runtime = fakeRuntime()
    const pool = poolOf({ keys: [a], runtime })
    const lease = await pool.acquire()
    await pool.close()
    lease.settle('success')
    expect(runtime.timerCount).toBe(0)
  })

  it('happens at the end of the block with `await using`', async () => {
    const store = troubledStore()
    {
      await using pool = new KeyPool({ store })
      await pool.ready
    }
    expect(store.calls.close).toBe(1)
  })
})

describe('listening', () => {
  it('can be ended, and both can be chained', async () => {
    const pool = poolOf()
    const heard: number[] = []
    const listener = ({ total }: { total: number }) => void heard.push(total)
    expect(pool.on('keys-changed', listener)).toBe(pool)
    await pool.keys.add([a])
    expect(pool.off('keys-changed', listener)).toBe(pool)
    await pool.keys.add([b])
    expect(heard).toEqual([1])
  })
})
