import { describe, expect, it } from 'vitest'
import type { Baseline, Spent } from '../../money/balance-estimate.js'
import type { Store } from '../store.js'
import { type StoredBalance, type StoredUsage, type UsageBatch, usageDays } from '../stored-usage.js'
import { storedKey, storedKeys } from './stored-keys.js'
import { storedDay, storedUsage as usage } from './stored-usage.js'

const day = storedDay

const one = 10n ** 12n

const baseline = (changes: Partial<Baseline> = {}): Baseline => ({
  source: 'estimated',
  amount: 12_500_000_000_001n,
  funds: { charged: 12n * one, gift: 500_000_000_001n },
  currency: 'CNY',
  at: 1_700_000_000_123,
  ...changes,
})

const account = (id: string, upstream = 'default') => ({ upstream, id })

const nothing: Spent = { any: 0n, charged: 0n, unknown: 0 }

const balance = (n: number, changes: Partial<Baseline> = {}, spent: Spent = nothing): StoredBalance => ({
  upstream: 'default',
  id: `key-${n}`,
  baseline: baseline(changes),
  spent,
})

const batch = (changes: Partial<UsageBatch>): UsageBatch => ({
  usage: [],
  spent: [],
  balances: [],
  ...changes,
})

interface Places {
  newPlace(): string
  opened(place?: string): Promise<Store>
}

/** What every store must do with daily sums and with balances. */
export function describeUsage(name: string, { newPlace, opened }: Places): void {
  const rowsOf = async (store: Store, range: Partial<Parameters<Store['readUsage']>[0]> = {}) => {
    const rows: StoredUsage[] = []
    await store.readUsage({ book: 'keys', from: 0, to: 99_999, ...range }, (part) => rows.push(...part))
    return rows
  }
  const withKeys = async (count: number): Promise<Store> => {
    const store = await opened()
    await store.putKeys(storedKeys(0, count))
    return store
  }

  describe(`${name}: usage`, () => {
    it('the store gives sums back as they were added, by book and day, in the order of days', async () => {
      const store = await opened()
      const rows = [
        usage({ day: day + 1, name: 'key "ä" 日本 😀', of: '' }),
        usage(),
        usage({ name: '\u{10ffff} made up' }),
        usage({ book: 'models', name: '', of: '', cost: 123_456_789n * one + 1n }),
      ]
      expect(await store.addUsage(batch({ usage: rows }))).toEqual([])
      expect(await rowsOf(store)).toEqual([rows[1], rows[2], rows[0]])
      expect(await rowsOf(store, { book: 'models' })).toEqual([rows[3]])
      expect(await rowsOf(store, { from: day, to: day })).toEqual([rows[1], rows[2]])
      expect(await rowsOf(store, { from: day + 1 })).toEqual([rows[0]])
      expect(await rowsOf(store, { from: day + 2 })).toEqual([])
    })

    it('the store adds up sums of the same names and currency, and keeps others apart', async () => {
      const store = await opened()
      const others = [
        usage({ name: 'key-1' }),
        usage({ of: '' }),
        usage({ currency: 'USD' }),
        usage({ upstream: 'another' }),
        usage({ day: day - 1 }),
      ]
      await store.addUsage(batch({ usage: [usage(), ...others, usage({ cost: one - 1n })] }))
      await store.addUsage(batch({ usage: [usage({ cost: 3n * one - 7n })] }))
      const rows = await rowsOf(store)
      expect(rows).toHaveLength(6)
      expect(rows).toContainEqual(
        usage({
          requests: 3,
          successes: 6,
          promptTokens: 9,
          completionTokens: 12,
          cachedTokens: 15,
          reasoningTokens: 18,
          images: 21,
          cost: 4n * one,
          unknownCosts: 27,
        }),
      )
      for (const other of others) expect(rows).toContainEqual(other)
    })

    it('the store forgets days that are too old, in each book by the latest day of that book', async () => {
      const store = await opened()
      const days = [0, 1, usageDays - 1].map((later) => usage({ day: day + later }))
      await store.addUsage(batch({ usage: [...days, usage({ book: 'models' })] }))
      expect(await rowsOf(store)).toEqual(days)
      await store.addUsage(batch({ usage: [usage({ day: day + usageDays })] }))
      expect((await rowsOf(store)).map((row) => row.day - day)).toEqual([1, usageDays - 1, usageDays])
      expect(await rowsOf(store, { book: 'models' })).toHaveLength(1)
    })

    it('the store keeps many thousand sums, and gives them in parts', async () => {
      const store = await opened()
      const many = Array.from({ length: 3_000 }, (_, n) =>
        usage({ day: day + (n % 3), name: `key ${String(n).padStart(4, '0')}`, of: n % 2 === 0 ? '' : 'b' }),
      )
      await store.addUsage(batch({ usage: many }))
      const rows = await rowsOf(store)
      expect(rows).toHaveLength(3_000)
      expect(new Set(rows.map((row) => row.name)).size).toBe(3_000)
      expect(await rowsOf(store, { from: day + 1, to: day + 1 })).toHaveLength(1_000)
    })

    it('the store adds nothing of a batch that fails half way', async () => {
      const store = await withKeys(1)
      const broken: StoredUsage = {
        ...usage(),
        get name(): string {
          throw new Error('this sum cannot be read')
        },
      }
      const many = Array.from({ length: 400 }, (_, n) => usage({ name: `key ${n}` }))
      const given = batch({ usage: [...many, broken], balances: [balance(0)] })
      await expect(store.addUsage(given)).rejects.toThrow('cannot be read')
      expect(await rowsOf(store)).toEqual([])
      expect((await store.load()).balances).toEqual([])
    })

    it('usage outlives its keys', async () => {
      const store = await withKeys(1)
      await store.addUsage(batch({ usage: [usage()] }))
      await store.removeKeys(['key-0'])
      expect(await rowsOf(store)).toEqual([usage()])
    })

    it('the store adds the sums of two processes at once, and shows them to both', async () => {
      const place = newPlace()
      const [first, second] = [await opened(place), await opened(place)]
      const each = Array.from({ length: 20 }, () => usage({ cost: one / 3n }))
      await Promise.all(
        each.map((row, n) => (n % 2 === 0 ? first : second).addUsage(batch({ usage: [row] }))),
      )
      const [row] = await rowsOf(first)
      expect(row).toMatchObject({ requests: 20, cost: 20n * (one / 3n) })
      expect(await rowsOf(second)).toEqual([row])
    })

    it('the store writes usage that was added before it was closed', async () => {
      const place = newPlace()
      const store = await opened(place)
      const adding = store.addUsage(batch({ usage: [usage()] }))
      await store.close()
      await adding
      expect(await rowsOf(await opened(place))).toEqual([usage()])
    })
  })

  describe(`${name}: balances`, () => {
    it('the store gives baselines back as they were put, with the spending since', async () => {
      const store = await withKeys(4)
      const balances = [
        balance(0, {}, { any: 7n * one + 1n, charged: 3n, unknown: 4 }),
        balance(1, { amount: -50_000_000_000n, funds: { charged: -one, gift: 0n } }),
        balance(2, { source: 'unsupported', amount: null, funds: null, at: null }),
        balance(3, { source: 'known', funds: null, currency: 'USD' }),
      ]
      await store.putBalances(balances)
      expect((await store.load()).balances).toEqual(balances)
    })

    it('the store raises the revision when balances are put, and only then', async () => {
      const store = await withKeys(1)
      const before = await store.revision()
      await store.putBalances([])
      await store.addUsage(batch({ usage: [usage()], balances: [balance(0)] }))
      expect(await store.revision()).toBe(before)
      await store.putBalances([balance(0)])
      expect(await store.revision()).toBeGreaterThan(before)
    })

    it('the later of two baselines holds, in whatever order they are written', async () => {
      const store = await withKeys(1)
      const [earlier, later] = [balance(0, { at: 100 }), balance(0, { at: 200, amount: 5n })]
      await store.putBalances([later])
      await store.putBalances([earlier])
      await store.addUsage(batch({ balances: [earlier] }))
      expect((await store.load()).balances).toEqual([later])
      const same = balance(0, { at: 200, amount: 6n })
      await store.addUsage(batch({ balances: [same] }))
      expect((await store.load()).balances).toEqual([same])
    })

    it('the store adds spending, and gives the balances after it', async () => {
      const place = newPlace()
      const [first, second] = [await opened(place), await opened(place)]
      await first.putKeys(storedKeys(0, 2))
      await first.putBalances([balance(0), balance(1)])
      await second.addUsage(
        batch({ spent: [{ ...account('key-0'), any: one - 1n, charged: 2n, unknown: 1 }] }),
      )
      const balances = await first.addUsage(
        batch({
          spent: [
            { ...account('key-0'), any: 2n, charged: 5n * one, unknown: 0 },
            { ...account('key-0'), any: 1n, charged: 0n, unknown: 0 },
            { ...account('of no balance'), any: 1n, charged: 0n, unknown: 0 },
          ],
        }),
      )
      const after = balance(0, {}, { any: one + 2n, charged: 5n * one + 2n, unknown: 1 })
      expect(balances.at(-1)).toEqual(after)
      expect((await second.load()).balances).toEqual([after, balance(1)])
    })

    it('the store keeps the balances of accounts of one name at two upstreams apart', async () => {
      const store = await opened()
      await store.putKeys([
        storedKey(0, { account: 'acme' }),
        storedKey(1, { account: 'acme', upstream: 'another' }),
      ])
      const here = { ...balance(0), ...account('acme') }
      const there = { ...balance(0, { amount: 7n }), ...account('acme', 'another') }
      await store.putBalances([here, there])
      const spent = { any: 2n, charged: 1n, unknown: 0 }
      const now = await store.addUsage(batch({ spent: [{ ...account('acme', 'another'), ...spent }] }))
      expect(now).toEqual([{ ...there, spent }])
      expect((await store.load()).balances).toEqual([here, { ...there, spent }])
      await store.removeKeys(['key-0'])
      expect((await store.load()).balances).toEqual([{ ...there, spent }])
    })

    it('the store deducts spending from a baseline of the same batch', async () => {
      const store = await withKeys(1)
      const spent = { any: 3n, charged: 0n, unknown: 2 }
      const balances = await store.addUsage(
        batch({ balances: [balance(0)], spent: [{ ...account('key-0'), ...spent }] }),
      )
      expect(balances).toEqual([balance(0, {}, spent)])
    })

    it('a balance is removed with the last key of its account, and not written afterwards', async () => {
      const store = await opened()
      const acme: StoredBalance = { ...balance(0), id: 'acme' }
      await store.putKeys([storedKey(0, { account: 'acme' }), storedKey(1, { account: 'acme' })])
      await store.putBalances([acme])
      await store.removeKeys(['key-0'])
      expect((await store.load()).balances).toEqual([acme])
      await store.removeKeys(['key-1'])
      // A process that has not noticed the removal yet still writes the balance.
      await store.addUsage(
        batch({ balances: [acme], spent: [{ ...account('acme'), any: 1n, charged: 0n, unknown: 0 }] }),
      )
      await store.putKeys([storedKey(0, { account: 'acme' })])
      expect((await store.load()).balances).toEqual([])
    })
  })
}
