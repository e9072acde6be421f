import { describe, expect, it } from 'vitest'
import type { KeyPoolError } from '../errors.js'
import type { Key } from '../key/key.js'
import { KeyPool } from '../pool.js'
import type { PoolOptions } from '../pool-options.js'
import type { Candidate, Strategy } from '../strategy/strategy.js'
import { keyringUnderTest } from '../testing/keyring-under-test.js'
import { poolUnderTest } from '../testing/pool-under-test.js'

/** Picks the first candidate by age that is accepted, and logs each pick. */
function recording(name: string, log: string[]): Strategy {
  const keys = new Set<Candidate>()
  return {
    add: (key) => void keys.add(key),
    remove: (key) => void keys.delete(key),
    pick: (accepts, { model }) => {
      log.push(`${name} ${model}`.trim())
      return Array.from(keys).find(accepts)
    },
  }
}

describe('the strategy of a request', () => {
  const log: string[] = []
  const under = () => {
    log.length = 0
    const make = keyringUnderTest({
      strategy: recording('usual', log),
      catalogue: { 'free/*': { free: true } },
      rules: {
        models: {
          named: { strategy: recording('named', log) },
          'Pro/*': { strategy: recording('pro', log) },
          'Pro/x*': { strategy: recording('longer', log) },
        },
        free: recording('free', log),
        large: { strategy: recording('large', log), aboveTokens: 100 },
        stream: recording('stream', log),
      },
    })
    make.add('a')
    return make
  }

  it.each<[string, string, Parameters<ReturnType<typeof under>['grant']>[1]]>([
    ['usual', 'm', {}],
    ['named', 'named', { promptTokens: 1_000, isStream: true }],
    ['pro', 'Pro/m', {}],
    ['longer', 'Pro/xy', {}],
    ['free', 'free/m', { promptTokens: 1_000, isStream: true }],
    ['free', 'm', { isFree: true }],
    ['usual', 'm', { promptTokens: 100 }],
    ['large', 'm', { promptTokens: 101, isStream: true }],
    ['stream', 'm', { isStream: true }],
  ])('the strategy of a request is %s for the model %s, asked with %j', (name, model, more) => {
    under().grant(model, more)
    expect(log).toEqual([`${name} ${model}`])
  })
})

describe('rules.models', () => {
  it.each<[string, (key: Key) => string]>([
    ['id', ({ id }) => id],
    ['label', ({ label }) => label ?? ''],
    ['account', ({ account }) => account.id],
    ['mask', ({ secret }) => String(secret)],
  ])('a key list names a key by %s, and holds for every request', (_what, nameOf) => {
    const probe = keyringUnderTest()
    const name = nameOf(probe.add('a'))
    const { add, take, grant } = keyringUnderTest({
      rules: { models: { only: { allow: [name] }, not: { deny: [name] } } },
    })
    const [a, b, c] = [add('a'), add('b'), add('c')]
    for (let call = 0; call < 4; call++) {
      expect(grant('only').key).toBe(a)
      expect([b, c]).toContain(grant('not').key)
    }
    expect(new Set([1, 2, 3].map(() => grant('m').key))).toEqual(new Set([a, b, c]))
    expect(take('not', { tried: [b, c] })).toMatchObject({ code: 'all_keys_cooling' })
    expect(take('only', { account: b.account.id })).toMatchObject({ code: 'no_keys' })
  })

  it('a key list that leaves no key is named by the refusal', () => {
    const { add, take } = keyringUnderTest({ rules: { models: { 'Pro/*': { allow: ['team'] } } } })
    add('a')
    expect(take('Pro/m')).toMatchObject({
      code: 'no_keys',
      message: 'No key may serve Pro/m by the option rules.models',
      retryAfterMs: undefined,
      isBusy: false,
    })
  })

  it('a refusal names the reason of the keys that a key list leaves', () => {
    const { add, settle, take, grant } = keyringUnderTest({ rules: { models: { m: { allow: ['a'] } } } })
    add('a')
    add('b')
    settle(grant('m'), { kind: 'insufficient-balance', fault: 'funds' })
    expect(take('m')).toMatchObject({ code: 'all_keys_exhausted' })
  })
})

describe('the key mode', () => {
  const keys = [
    { secret: 'sk-fake-mode-a', label: 'a', account: 'acme' },
    { secret: 'sk-fake-mode-b', label: 'b', account: 'acme' },
    { secret: 'sk-fake-mode-c', label: 'c' },
  ]
  const served = async (pool: KeyPool): Promise<string[]> => {
    const labels: string[] = []
    for (let call = 0; call < 6; call++) labels.push((await pool.acquire()).key.label ?? '')
    return [...new Set(labels)].sort()
  }

  it.each<[PoolOptions, string[]]>([
    [{}, ['a', 'b', 'c']],
    [{ mode: 'all' }, ['a', 'b', 'c']],
    [{ mode: 'selected', selected: ['acme'] }, ['a', 'b']],
    [{ mode: 'selected', selected: ['a', 'c', 'not there'] }, ['a', 'c']],
    [{ mode: 'single', selected: ['b'] }, ['b']],
  ])('the key mode %j lets the keys %j serve', async (options, labels) => {
    const { pool } = await poolUnderTest({ keys, ...options })
    expect(await served(pool)).toEqual(labels)
  })

  it.each<[unknown, string]>([
    [{ mode: 'some' }, "mode must be 'all', 'selected' or 'single'; received \"some\""],
    [{ mode: 'selected' }, "selected must name at least one key with mode 'selected'; received undefined"],
    [
      { mode: 'selected', selected: [] },
      "selected must name at least one key with mode 'selected'; received an array of 0",
    ],
    [{ mode: 'single' }, "selected must name exactly one key with mode 'single'; received undefined"],
    [
      { mode: 'single', selected: ['a', 'b'] },
      "selected must name exactly one key with mode 'single'; received an array of 2",
    ],
    [{ selected: ['a'] }, "selected goes with mode 'selected' or 'single' only; received an array of 1"],
    [
      { mode: 'selected', selected: ['no-such-key'] },
      'selected must name keys of the pool by id, label, account or mask; received an array of 1',
    ],
  ])('the key mode %j is refused when the pool is made', (options, message) => {
    expect(() => new KeyPool({ keys, ...(options as PoolOptions) })).toThrow(message)
  })

  it('the key mode changes at run time, also for keys that are added later', async () => {
    const { pool } = await poolUnderTest({ keys })
    await pool.keys.select('single', ['b'])
    expect(await served(pool)).toEqual(['b'])
    await pool.keys.select('selected', ['acme'])
    await pool.keys.add([{ secret: 'sk-fake-mode-d', label: 'd', account: 'acme' }])
    expect(await served(pool)).toEqual(['a', 'b', 'd'])
    await pool.keys.select('all')
    expect(await served(pool)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('a key mode that no longer leaves a key is named by the error', async () => {
    const { pool } = await poolUnderTest({ keys, mode: 'single', selected: ['c'] })
    const [id] = pool.keys
      .list()
      .filter(({ label }) => label === 'c')
      .map(({ id }) => id)
    await pool.keys.remove([id ?? ''])
    await expect(pool.acquire()).rejects.toMatchObject({
      code: 'no_keys',
      message: expect.stringContaining('The key mode leaves none of 2 keys'),
    })
  })

  it.each<[unknown, unknown, string]>([
    ['some', undefined, 'mode'],
    ['selected', undefined, 'selected'],
    ['single', ['a', 'b'], 'selected'],
    ['selected', '', 'selected'],
    ['selected', [1], 'selected'],
    ['single', ['no-such-key'], 'selected'],
    ['all', ['a'], 'selected'],
  ])(
    'the key mode %j of %j is refused at run time, and the former one stays',
    async (mode, selected, option) => {
      const { pool } = await poolUnderTest({ keys, mode: 'single', selected: ['b'] })
      const error = await pool.keys
        .select(mode as 'all', selected as string[])
        .catch((caught: KeyPoolError) => caught)
      expect(error).toMatchObject({ code: 'invalid_config' })
      expect(String(Reflect.get(error as object, 'option'))).toContain(option)
      expect(await served(pool)).toEqual(['b'])
    },
  )
})

describe('a user’s own strategy that fails', () => {
  const broken = (part: 'add' | 'remove' | 'pick' | 'ended'): Strategy => ({
    ...recording('own', []),
    [part]: () => {
      throw new Error(`broken ${part}`)
    },
  })

  it.each(['add', 'remove', 'pick', 'ended'] as const)(
    'a user’s own strategy that throws in %s costs no request, and is reported once',
    async (part) => {
      const { pool } = await poolUnderTest({ strategy: broken(part) })
      const faults: unknown[] = []
      pool.on('strategy-fault', (fault) => void faults.push(fault))
      const { added } = await pool.keys.add(['sk-fake-own-a', 'sk-fake-own-b', 'sk-fake-own-c'])
      for (let call = 0; call < 6; call++) (await pool.acquire({ model: 'm' })).settle('success')
      await pool.keys.remove([added[0]?.id ?? ''])
      const lease = await pool.acquire({ model: 'm' })
      expect(lease.key.id).not.toBe(added[0]?.id)
      expect(faults).toEqual([{ fault: 'threw', cause: new Error(`broken ${part}`) }])
    },
  )

  it('a listener of strategy-fault may explain a request without disturbing the one under way', async () => {
    const { pool } = await poolUnderTest({
      strategy: broken('pick'),
      keys: ['sk-fake-own-a', 'sk-fake-own-b'],
    })
    pool.on('strategy-fault', () => void pool.explain({ model: 'other', tokens: 5 }))
    const lease = await pool.acquire({ model: 'm' })
    expect(lease.model).toBe('m')
  })
})

describe('a request bound to one account', () => {
  it('a request bound to one account is refused by the state of that account alone', () => {
    const { add, keyring, take } = keyringUnderTest()
    const key = add('a', 'acme')
    add('b')
    keyring.members.change(key, () => {
      key.enabled = false
    })
    expect(take('m', { account: 'acme' })).toMatchObject({ message: expect.stringContaining('are disabled') })
    keyring.members.remove(key)
    expect(take('m', { account: 'acme' })).toMatchObject({
      message: expect.stringContaining('has no key in the pool any more'),
    })
  })
})
