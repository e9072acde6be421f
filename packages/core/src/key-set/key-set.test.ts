import { describe, expect, it } from 'vitest'
import { ConfigError } from '../errors.js'
import { fakeToken } from '../key/testing/make-key.js'
import { promisesSettled } from '../testing/fake-runtime.js'
import { poolUnderTest as setUp } from '../testing/pool-under-test.js'

const [a, b, c] = [fakeToken('aaa'), fakeToken('bbb'), fakeToken('ccc')] as const

describe('adding keys', () => {
  it('add takes tokens and objects, and reports the added keys', async () => {
    const { pool, totals } = await setUp()
    const report = await pool.keys.add([
      a,
      { secret: ` ${b}\n`, account: 'acme', label: 'team', weight: 2, site: 'com' },
    ])
    expect(report.added).toMatchObject([
      { key: 'sk-fa…0aaa', label: null, weight: 1, site: 'cn', enabled: true, status: 'ready' },
      { key: 'sk-fa…0bbb', label: 'team', weight: 2, site: 'com', account: 'acme' },
    ])
    expect(report.added[0]?.account).toBe(report.added[0]?.id)
    expect(report).toMatchObject({ duplicates: [], rejected: [] })
    expect(pool.keys.list()).toEqual(report.added)
    expect(totals).toEqual([2])
  })

  it('add reports keys that the pool holds or that are given twice, and leaves them as they are', async () => {
    const { pool } = await setUp({ keys: [{ secret: a, label: 'first' }] })
    const { added, duplicates } = await pool.keys.add([{ secret: a, label: 'again' }, b, `${b} `])
    expect(added.map(({ key }) => key)).toEqual(['sk-fa…0bbb'])
    expect(duplicates.map(({ key, label }) => [key, label])).toEqual([
      ['sk-fa…0aaa', 'first'],
      ['sk-fa…0bbb', null],
    ])
  })

  it('add reports invalid keys with their place and the broken rule, and adds the others', async () => {
    const { pool } = await setUp()
    const { added, rejected } = await pool.keys.add([
      a,
      '',
      { secret: b, weight: -1 },
      { secret: c, site: 'us' },
    ])
    expect(added).toHaveLength(1)
    expect(rejected).toEqual([
      { index: 1, reason: 'key.secret must not be empty' },
      { index: 2, reason: 'key.weight must be from 0.001 to 1000' },
      { index: 3, reason: 'key.site must be one of cn, com' },
    ])
  })

  it('add stores the keys before it resolves', async () => {
    const { pool, store } = await setUp()
    const release = store.hold('putKeys')
    const adding = pool.keys.add([a])
    await promisesSettled()
    expect(pool.keys.list()).toEqual([])
    release()
    await adding
    expect((await store.load()).keys).toMatchObject([{ secret: a, account: null, label: null, site: 'cn' }])
    expect(pool.keys.list()).toHaveLength(1)
  })

  it('add that cannot store its keys adds none, and leaves nothing behind', async () => {
    const { pool, store, totals } = await setUp()
    store.broken.add('putKeys')
    await expect(pool.keys.add([{ secret: a, account: 'acme', balance: '5' }])).rejects.toMatchObject({
      code: 'store_failed',
    })
    expect(pool.keys.list()).toEqual([])
    expect((await pool.balance()).accounts).toEqual([])
    expect(totals).toEqual([])
    store.broken.clear()
    expect((await pool.keys.add([a])).added).toHaveLength(1)
  })

  it('add without keys writes and announces nothing', async () => {
    const { pool, store, totals } = await setUp()
    expect(await pool.keys.add([])).toEqual({ added: [], duplicates: [], rejected: [] })
    expect(store.calls.putKeys).toBeUndefined()
    expect(totals).toEqual([])
  })

  it('add called several times at once adds a key once', async () => {
    const { pool, store } = await setUp()
    const release = store.hold('putKeys')
    const reports = Promise.all(Array.from({ length: 5 }, () => pool.keys.add([a])))
    await promisesSettled()
    release()
    const counts = (await reports).map(({ added, duplicates }) => [added.length, duplicates.length])
    expect(counts).toEqual([
      [1, 0],
      [0, 1],
      [0, 1],
      [0, 1],
      [0, 1],
    ])
    expect(pool.keys.list()).toHaveLength(1)
    using first = await pool.acquire()
    using second = await pool.acquire()
    expect(pool.keys.get(first.key.id)?.inFlight).toBe(2)
    expect(second.key.id).toBe(first.key.id)
  })

  it('add records the entered balance', async () => {
    const { pool, runtime } = await setUp()
    const { added } = await pool.keys.add([{ secret: a, balance: '12.50', site: 'com' }])
    expect(added[0]?.balance).toEqual({
      amount: '12.50',
      currency: 'USD',
      source: 'estimated',
      at: new Date(runtime.now()).toISOString(),
      funds: null,
    })
  })
})

describe('removing keys', () => {
  it('remove takes keys out of pool and store, and resolves with their number', async () => {
    const { pool, store, totals } = await setUp({ keys: [a, b] })
    const [first] = pool.keys.list()
    const id = first?.id ?? ''
    expect(await pool.keys.remove([id, id, 'key_unknown'])).toBe(1)
    expect(pool.keys.get(id)).toBeUndefined()
    expect((await store.load()).keys.map(({ secret }) => secret)).toEqual([b])
    expect(totals).toEqual([1])
    expect(await pool.keys.remove([id])).toBe(0)
    expect(totals).toEqual([1])
  })

  it('remove keeps the keys when the store fails', async () => {
    const { pool, store } = await setUp({ keys: [a] })
    store.broken.add('removeKeys')
    const [key] = pool.keys.list()
    await expect(pool.keys.remove([key?.id ?? ''])).rejects.toMatchObject({ code: 'store_failed' })
    using lease = await pool.acquire()
    expect(lease.key.id).toBe(key?.id)
  })
})

describe('the operator’s switch', () => {
  it('disable takes keys out of service until they are enabled', async () => {
    const { pool, store } = await setUp({ keys: [a, b] })
    const ids = pool.keys.list().map(({ id }) => id)
    expect(await pool.keys.disable([...ids, ...ids])).toMatchObject([{ enabled: false }, { enabled: false }])
    await expect(pool.acquire()).rejects.toMatchObject({ code: 'no_keys' })
    expect((await store.load()).keys).toMatchObject([{ enabled: false }, { enabled: false }])
    await pool.keys.enable(ids.slice(1))
    using lease = await pool.acquire()
    expect(lease.key.id).toBe(ids[1])
  })

  it('enable forgets refusals, lack of money and cooldowns', async () => {
    const { pool } = await setUp({ keys: [a] })
    const id = pool.keys.list()[0]?.id ?? ''
    for (const outcome of ['unauthorized', 'insufficient-balance', 'rate-limited'] as const) {
      const lease = await pool.acquire()
      lease.settle(outcome)
      await expect(pool.acquire({ maxWaitMs: 0 })).rejects.toMatchObject({ status: expect.any(Number) })
      expect(await pool.keys.enable([id])).toMatchObject([{ status: 'ready', cooldowns: [] }])
    }
    using lease = await pool.acquire()
    expect(lease.key.status).toBe('ready')
  })

  it('disable changes nothing when an id is unknown, or the store fails', async () => {
    const { pool, store } = await setUp({ keys: [a] })
    const id = pool.keys.list()[0]?.id ?? ''
    await expect(pool.keys.disable([id, 'key_unknown'])).rejects.toMatchObject({ code: 'unknown_key' })
    store.broken.add('putKeys')
    await expect(pool.keys.disable([id])).rejects.toMatchObject({ code: 'store_failed' })
    expect(pool.keys.get(id)).toMatchObject({ enabled: true })
    using lease = await pool.acquire()
    expect(lease.key.id).toBe(id)
  })
})

describe('updating a key', () => {
  const one = async () => {
    const set = await setUp({
      keys: [
        { secret: a, label: 'old', account: 'acme' },
        { secret: b, account: 'acme' },
      ],
    })
    return { ...set, id: set.pool.keys.list()[0]?.id ?? '' }
  }

  it('update changes the given fields and no others, in pool and store', async () => {
    const { pool, store, id } = await one()
    const changes = {
      label: 'new',
      weight: 3,
      site: 'com',
      enabled: false,
      account: 'other',
      balance: '-0.01',
    }
    expect(await pool.keys.update(id, changes)).toMatchObject({
      ...changes,
      balance: { amount: '-0.01', source: 'estimated' },
    })
    const { balance: _, ...stored } = changes
    expect((await store.load()).keys[0]).toMatchObject(stored)
    expect(await pool.keys.update(id, { enabled: true })).toMatchObject({ ...stored, enabled: true })
  })

  it('update removes a label, and takes a key out of its account', async () => {
    const { pool, store, id } = await one()
    expect(await pool.keys.update(id, { label: null, account: id })).toMatchObject({
      label: null,
      account: id,
    })
    expect((await store.load()).keys[0]).toMatchObject({ label: null, account: null })
  })

  it.each<[object, string]>([
    [{ weight: 0 }, 'changes.weight must be from 0.001 to 1000; received 0'],
    [{ site: 'us' }, 'changes.site must be one of cn, com; received "us"'],
    [{ secret: fakeToken('canary') }, 'changes.secret is not an option'],
    [{ label: 5 }, 'changes.label must be a string, or null for none; received 5'],
  ])('update refuses %j', async (changes, message) => {
    const { pool, id } = await one()
    const error: unknown = await pool.keys.update(id, changes).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as ConfigError).message).toContain(message)
    expect((error as ConfigError).message).not.toContain('canary')
  })

  it('update changes nothing when the key is unknown, or the store fails', async () => {
    const { pool, store, id, labels } = await one()
    await expect(pool.keys.update('key_unknown', { label: 'new' })).rejects.toMatchObject({
      code: 'unknown_key',
    })
    store.broken.add('putKeys')
    await expect(pool.keys.update(id, { label: 'new' })).rejects.toMatchObject({ code: 'store_failed' })
    expect(labels()).toEqual(['old', null])
  })

  it('changes are stored one after the other, so that none undoes another', async () => {
    const { pool, store, id } = await one()
    const release = store.hold('putKeys')
    const changes = [
      pool.keys.update(id, { label: 'new' }),
      pool.keys.update(id, { weight: 5 }),
      pool.keys.disable([id]),
    ]
    await promisesSettled()
    release()
    await Promise.all(changes)
    expect((await store.load()).keys[0]).toMatchObject({ label: 'new', weight: 5, enabled: false })
    expect(pool.keys.get(id)).toMatchObject({ label: 'new', weight: 5, enabled: false })
  })
})

describe('reading keys', () => {
  const several = () =>
    setUp({
      keys: [
        { secret: a, label: 'x', account: 'acme' },
        { secret: b, label: 'x', site: 'com' },
        { secret: c, enabled: false },
      ],
    })

  it('list returns the keys that match every given field', async () => {
    const { pool } = await several()
    const count = (filter: Parameters<typeof pool.keys.list>[0]) => pool.keys.list(filter).length
    expect([count({}), count({ account: 'acme' }), count({ site: 'cn' }), count({ enabled: false })]).toEqual(
      [3, 1, 2, 1],
    )
    expect([count({ status: 'ready' }), count({ status: 'invalid' })]).toEqual([3, 0])
    expect(count({ site: 'cn', enabled: true })).toBe(1)
  })

  it('find returns each selected key once', async () => {
    const { pool } = await several()
    expect(pool.keys.find(['x', 'sk-fa…0aaa']).map(({ key }) => key)).toEqual(['sk-fa…0aaa', 'sk-fa…0bbb'])
    expect(() => pool.keys.find(['x', 'unknown'])).toThrow('No key matches "unknown"')
  })

  it('only export returns tokens in clear', async () => {
    const { pool } = await several()
    expect(pool.keys.export({ account: 'acme' })).toMatchObject([{ secret: a, label: 'x' }])
    expect(JSON.stringify([pool.keys.list(), pool.keys.find(['x']), pool.stats()])).not.toContain(a)
  })
})

describe('one key in place of a list', () => {
  it('a single token or object is one key to add, not a list of characters', async () => {
    const { pool } = await setUp()
    expect((await pool.keys.add(a)).added).toHaveLength(1)
    expect(await pool.keys.add({ secret: b, label: 'second' })).toMatchObject({
      added: [{ label: 'second' }],
      rejected: [],
    })
  })

  it.each(['disable', 'enable', 'reset', 'find', 'remove'] as const)(
    'a single id is one id to %s',
    async (method) => {
      const { pool } = await setUp({ keys: [a, b] })
      const [id = ''] = pool.keys.list().map((key) => key.id)
      const found = await pool.keys[method](id)
      expect(typeof found === 'number' ? found : found.map((key) => key.id)).toEqual(
        method === 'remove' ? 1 : [id],
      )
    },
  )

  it('a single name selects one key', async () => {
    const { pool } = await setUp({ keys: [{ secret: a, label: 'first' }, b] })
    expect(await pool.keys.select('single', 'first')).toMatchObject([{ label: 'first' }])
  })

  it('what names no key is refused', async () => {
    const { pool } = await setUp({ keys: [a] })
    await expect(pool.keys.disable(undefined as unknown as string)).rejects.toThrow(ConfigError)
    await expect(pool.keys.remove(7 as unknown as string)).rejects.toThrow('keys must be named by a string')
  })
})
