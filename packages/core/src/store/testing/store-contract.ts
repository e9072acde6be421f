import { describe, expect, it, onTestFinished } from 'vitest'
import type { Health } from '../../key/account-health.js'
import type { KeyHealth } from '../../key/key-health.js'
import type { Store, StoredAccountState, StoredKey, StoredKeyState } from '../store.js'
import { describeHistory } from './history-contract.js'
import { describeOwners } from './owner-contract.js'
import { describeRecords } from './record-contract.js'
import { describeRequests } from './request-contract.js'
import { storedKey, storedKeys } from './stored-keys.js'
import { describeUsage } from './usage-contract.js'
import { describeWatch } from './watch-contract.js'

function keyState(id: string, changes: Partial<StoredKeyState> = {}): StoredKeyState {
  const counters = { requests: 7, successes: 5, promptTokens: 1_200, completionTokens: 340 }
  return {
    id,
    health: { status: 'ready' },
    ...counters,
    lastUsedAt: 1_700_000_100_000,
    failures: 1,
    upstreamAccount: null,
    ...changes,
  }
}

function accountState(id: string, changes: Partial<StoredAccountState> = {}): StoredAccountState {
  return { upstream: 'default', id, health: { status: 'ready' }, cooldowns: [], quotas: [], ...changes }
}

const everyHealth: readonly Health[] = [
  { status: 'ready' },
  { status: 'cooling', until: 1_700_000_200_000, reason: 'daily quota', strikes: 2 },
  { status: 'exhausted', until: 1_700_000_300_000, funds: 'charged', strikes: 1 },
  { status: 'probing', after: 'exhausted', funds: 'any', strikes: 3 },
  { status: 'invalid', reason: 'Api key is invalid "…"', since: 1_700_000_000_500 },
]

const everyKeyHealth: readonly KeyHealth[] = [
  { status: 'ready' },
  { status: 'cooling', trouble: 'refused', until: 1_700_000_200_000, reason: 'Invalid token', strikes: 2 },
  { status: 'cooling', trouble: 'failing', until: 1_700_000_200_000, reason: 'Forbidden', strikes: 1 },
  { status: 'probing', after: 'failing', strikes: 3 },
  { status: 'invalid', reason: 'Api key is invalid "…"', since: 1_700_000_000_500 },
]

/**
 * What every store must do. `open(place)` opens the store of that name, which is empty the first time. Opening a place
 * again while it is open, or after it was closed, gives the same keys, as another process would see them.
 */
export function describeStore(
  name: string,
  open: (place: string, options?: { readonly ownerLimit: number }) => Promise<Store>,
): void {
  let placeCount = 0
  const newPlace = (): string => `place-${placeCount++}`
  const opened = async (place = newPlace(), options?: { readonly ownerLimit: number }): Promise<Store> => {
    const store = await open(place, options)
    onTestFinished(() => store.close())
    return store
  }

  describeOwners(name, { newPlace, opened })
  describeUsage(name, { newPlace, opened })
  describeWatch(name, { newPlace, opened })
  describeRecords(name, { newPlace, opened })
  describeHistory(name, { newPlace, opened })
  describeRequests(name, { opened })

  describe(`${name}: keys`, () => {
    it('a new store is empty', async () => {
      const store = await opened()
      expect(await store.load()).toEqual({ keys: [], keyStates: [], accountStates: [], balances: [] })
    })

    it('the store gives keys back as they were put, in that order', async () => {
      const store = await opened()
      const keys = [
        storedKey(3, {
          account: 'acme',
          label: 'team "ä" 日本 😀',
          weight: 0.25,
          enabled: false,
          site: 'com',
          upstream: 'another "ä"',
        }),
        storedKey(1),
        storedKey(2, { id: '12', label: '', addedAt: 0 }),
      ]
      await store.putKeys(keys)
      expect((await store.load()).keys).toEqual(keys)
    })

    it('the store replaces the settings of a key, and keeps its place and state', async () => {
      const store = await opened()
      await store.putKeys(storedKeys(0, 3))
      await store.saveStates([keyState('key-0')], [accountState('key-0')])
      await store.putKeys([storedKey(0, { label: 'renamed', enabled: false })])
      const { keys, keyStates, accountStates } = await store.load()
      expect(keys).toEqual([storedKey(0, { label: 'renamed', enabled: false }), storedKey(1), storedKey(2)])
      expect(keyStates).toEqual([keyState('key-0')])
      expect(accountStates).toEqual([accountState('key-0')])
    })

    it('the store takes the last of two keys with one id', async () => {
      const store = await opened()
      await store.putKeys([storedKey(0, { label: 'first' }), storedKey(1), storedKey(0, { label: 'last' })])
      expect((await store.load()).keys).toEqual([storedKey(0, { label: 'last' }), storedKey(1)])
    })

    it('the store writes no key of a list that fails half way', async () => {
      const store = await opened()
      const keys = storedKeys(0, 1_000)
      const broken: StoredKey = {
        ...storedKey(700),
        get label(): string {
          throw new Error('this key cannot be read')
        },
      }
      const before = await store.revision()
      keys[700] = broken
      await expect(store.putKeys(keys)).rejects.toThrow('cannot be read')
      expect((await store.load()).keys).toEqual([])
      expect(await store.revision()).toBe(before)
      await store.putKeys([storedKey(1)])
      expect((await store.load()).keys).toEqual([storedKey(1)])
    })

    it('the store ignores changes of a list after the call', async () => {
      const store = await opened()
      const keys = storedKeys(0, 1_000)
      const put = store.putKeys(keys)
      keys.length = 3
      await put
      expect((await store.load()).keys).toHaveLength(1_000)
    })

    it('the store removes keys, and ignores unknown ids', async () => {
      const store = await opened()
      await store.putKeys(storedKeys(0, 4))
      await store.removeKeys(['key-1', 'no such key', 'key-3', 'key-1'])
      expect((await store.load()).keys).toEqual([storedKey(0), storedKey(2)])
    })

    it('the store keeps many thousand keys in order', async () => {
      const store = await opened()
      const keys = storedKeys(0, 20_000)
      await store.putKeys(keys)
      expect((await store.load()).keys).toEqual(keys)
      await store.removeKeys(keys.slice(10, 19_990).map((key) => key.id))
      expect((await store.load()).keys).toEqual([...keys.slice(0, 10), ...keys.slice(19_990)])
    })
  })

  describe(`${name}: states`, () => {
    it('the store gives every kind of health and cooldown back as saved', async () => {
      const store = await opened()
      const keys = everyHealth.map((_, n) => storedKey(n, { account: `account ${n}` }))
      const keyStates = everyKeyHealth.map((health, n) =>
        keyState(`key-${n}`, { health, lastUsedAt: n || null }),
      )
      const accountStates = everyHealth.map((health, n) => accountState(`account ${n}`, { health }))
      accountStates[1] = accountState('account 1', {
        cooldowns: [
          {
            model: 'Qwen/Qwen3-8B',
            since: 1_700_000_000_500,
            until: 1_700_000_060_000,
            reason: 'rate-limited',
            meter: 'TPM',
            strikes: 1,
          },
          { model: '', since: 1_700_000_000_000, until: 1_700_000_002_000, reason: 'network', strikes: 4 },
        ],
        quotas: [
          {
            model: 'Qwen/Qwen3-8B "ä" 日本',
            TPM: { bound: null, since: null, counted: [1_700_000_000_000, 1_200.5] },
          },
          { model: '' },
        ],
      })
      keyStates[1] = keyState('key-1', { failures: 4, upstreamAccount: 'cm04-fake "id"' })
      await store.putKeys(keys)
      await store.saveStates(keyStates, accountStates)
      const snapshot = await store.load()
      expect(snapshot.keyStates).toEqual(keyStates)
      expect(snapshot.accountStates).toEqual(accountStates)
    })

    it('the store replaces an earlier state', async () => {
      const store = await opened()
      await store.putKeys([storedKey(0)])
      await store.saveStates([keyState('key-0', { requests: 1 })], [])
      await store.saveStates([keyState('key-0', { requests: 2 })], [])
      expect((await store.load()).keyStates).toEqual([keyState('key-0', { requests: 2 })])
    })

    it('the states of a key are removed with it, and not saved afterwards', async () => {
      const store = await opened()
      await store.putKeys([storedKey(0), storedKey(1)])
      await store.saveStates([keyState('key-0')], [accountState('key-0')])
      await store.removeKeys(['key-0'])
      // A process that has not noticed the removal yet still saves the states.
      await store.saveStates([keyState('key-0'), keyState('key-1')], [accountState('key-0')])
      await store.putKeys([storedKey(0)])
      const { keyStates, accountStates } = await store.load()
      expect(keyStates).toEqual([keyState('key-1')])
      expect(accountStates).toEqual([])
    })

    it('the store keeps the state of an account until its last key is removed', async () => {
      const store = await opened()
      const exhausted = accountState('acme', {
        health: { status: 'exhausted', until: 1, funds: 'any', strikes: 1 },
      })
      await store.putKeys([
        storedKey(0, { account: 'acme' }),
        storedKey(1, { account: 'acme' }),
        storedKey(2),
      ])
      await store.saveStates([], [exhausted])
      await store.removeKeys(['key-0'])
      expect((await store.load()).accountStates).toEqual([exhausted])
      await store.removeKeys(['key-1'])
      expect((await store.load()).accountStates).toEqual([])
    })

    it('the store keeps the states of accounts of one name at two upstreams apart', async () => {
      const store = await opened()
      await store.putKeys([
        storedKey(0, { account: 'acme' }),
        storedKey(1, { account: 'acme', upstream: 'another' }),
        storedKey(2, { upstream: 'another' }),
      ])
      const here = accountState('acme', { health: { status: 'invalid', reason: 'here', since: 1 } })
      const there = accountState('acme', { upstream: 'another' })
      await store.saveStates(
        [],
        [here, there, accountState('key-2'), accountState('acme', { upstream: 'third' })],
      )
      expect((await store.load()).accountStates).toEqual([here, there])
      await store.removeKeys(['key-1'])
      expect((await store.load()).accountStates).toEqual([here])
    })

    it('the store saves the state of the account that a key moved to', async () => {
      const store = await opened()
      await store.putKeys([storedKey(0, { account: 'old' })])
      await store.putKeys([storedKey(0, { account: 'new' })])
      await store.saveStates([], [accountState('old'), accountState('new')])
      expect((await store.load()).accountStates).toEqual([accountState('new')])
    })
  })

  describe(`${name}: several processes`, () => {
    it('the store raises the revision when keys are put or removed, and only then', async () => {
      const store = await opened()
      const revisions = [await store.revision()]
      await store.putKeys([storedKey(0)])
      revisions.push(await store.revision())
      await store.saveStates([keyState('key-0')], [])
      await store.removeKeys(['no such key'])
      expect(await store.revision()).toBe(revisions.at(-1))
      await store.putKeys([storedKey(0, { label: 'renamed' })])
      revisions.push(await store.revision())
      await store.removeKeys(['key-0'])
      revisions.push(await store.revision())
      expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b))
    })

    it('the store shows one process what another put, saved and removed', async () => {
      const place = newPlace()
      const [one, other] = [await opened(place), await opened(place)]
      const before = await other.revision()
      await one.putKeys([storedKey(0), storedKey(1)])
      await one.saveStates([keyState('key-1')], [])
      const after = await other.revision()
      expect(after).toBeGreaterThan(before)
      expect(await other.load()).toEqual(await one.load())
      await other.removeKeys(['key-0'])
      expect(await one.revision()).toBeGreaterThan(after)
      expect((await one.load()).keys).toEqual([storedKey(1)])
    })

    it('the store keeps both lists when two processes put keys at once', async () => {
      const place = newPlace()
      const [one, other] = [await opened(place), await opened(place)]
      await Promise.all([
        one.putKeys(storedKeys(0, 1_000)),
        other.putKeys(storedKeys(1_000, 1_000)),
        one.putKeys(storedKeys(2_000, 10)),
        other.saveStates([keyState('key-1')], []),
      ])
      const ids = (await one.load()).keys.map((key) => key.id)
      expect(new Set(ids)).toEqual(new Set(storedKeys(0, 2_010).map((key) => key.id)))
      expect(ids).toHaveLength(2_010)
    })

    it('the store writes keys and states that were put before it was closed', async () => {
      const place = newPlace()
      const store = await opened(place)
      const put = store.putKeys(storedKeys(0, 1_000))
      const save = store.saveStates([keyState('key-999')], [])
      await store.close()
      await store.close()
      await Promise.all([put, save])
      const { keys, keyStates } = await (await opened(place)).load()
      expect(keys).toEqual(storedKeys(0, 1_000))
      expect(keyStates).toEqual([keyState('key-999')])
    })
  })
}
