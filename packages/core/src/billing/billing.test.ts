import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { fakeToken } from '../key/testing/make-key.js'
import { KeyPool } from '../pool.js'
import type { PoolOptions } from '../pool-options.js'
import type { PriceList } from '../price/price-list.js'
import { memoryStore } from '../store/memory/memory-store.js'
import { sqliteStore } from '../store/sqlite/sqlite-store.js'
import { poolUnderTest as setUp } from '../testing/pool-under-test.js'
import type { Usage } from '../usage/usage.js'

const folder = mkdtempSync(join(tmpdir(), 'sfpool-billing-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const [a, b] = [fakeToken('aaa'), fakeToken('bbb')] as const
const dayMs = 86_400_000

/** A yuan a token. */
const prices: PriceList = {
  date: '2026-08-31',
  source: 'a test',
  sites: { cn: { currency: 'CNY', models: { paid: { input: '1000000', output: '1000000' } } } },
}
const options: PoolOptions = {
  keys: [{ secret: a, account: 'acme', balance: '100' }, { secret: b }],
  strategy: 'sequential',
  prices,
}

const used = (promptTokens: number): Usage => ({
  promptTokens,
  completionTokens: 0,
  totalTokens: promptTokens,
  cachedTokens: 0,
  reasoningTokens: 0,
})

/** Settles a lease of a caller with a client of its own, for so many tokens. */
async function call(pool: KeyPool, tokens: number | null, more: { model?: string; client?: string } = {}) {
  const lease = await pool.acquire({ model: 'paid', ...more })
  lease.settle('success', tokens === null ? null : used(tokens))
}

describe('pool.usage', () => {
  it('usage is reported by day, key, account, model and client', async () => {
    const { pool, runtime } = await setUp(options)
    await call(pool, 2, { client: 'alice' })
    await call(pool, 3)
    await call(pool, 7, { model: 'Qwen/Qwen3-8B', client: 'alice' })
    runtime.advance(dayMs)
    await call(pool, null, { client: 'bob' })
    const key = pool.keys.list({ account: 'acme' })[0]?.id
    expect(await pool.usage()).toMatchObject({
      to: '2026-09-02',
      rows: [
        { day: '2026-09-01', requests: 3, promptTokens: 12, cost: '5.00', unknownCosts: 0, currency: 'CNY' },
        { day: '2026-09-02', requests: 1, cost: '0.00', unknownCosts: 1 },
      ],
    })
    expect((await pool.usage({ by: ['key', 'account'] })).rows).toMatchObject([
      { key, account: 'acme', requests: 4 },
    ])
    expect((await pool.usage({ by: 'model' })).rows).toMatchObject([
      { model: 'paid', cost: '5.00' },
      { model: 'Qwen/Qwen3-8B', cost: '0.00', unknownCosts: 0 },
    ])
    expect((await pool.usage({ by: 'client', to: '2026-09-01' })).rows).toMatchObject([
      { client: null, cost: '3.00' },
      { client: 'alice', cost: '2.00', requests: 2 },
    ])
    await expect(pool.usage({ by: ['key', 'client'] })).rejects.toThrow(/^usage\.by must not mix/)
  })

  it('usage is in the store within a second, also when the process dies', async () => {
    const base = memoryStore()
    const { pool, runtime } = await setUp(options, base)
    await call(pool, 2)
    await runtime.advanceAsync(1_000)
    const rows: unknown[] = []
    await base.readUsage({ book: 'keys', from: 0, to: 99_999 }, (part) => rows.push(...part))
    expect(rows).toMatchObject([{ requests: 1, cost: 2n * 10n ** 12n }])
    expect((await base.load()).balances).toMatchObject([{ spent: { any: 2n * 10n ** 12n } }])
  })

  it('usage that the store failed to write is written once by the next save', async () => {
    const base = memoryStore()
    const { pool, store, runtime } = await setUp(options, base)
    const errors: string[] = []
    pool.on('store-error', ({ error }) => void errors.push(error.message))
    store.broken.add('addUsage')
    await call(pool, 2)
    await runtime.advanceAsync(1_000)
    await call(pool, 3)
    store.broken.delete('addUsage')
    await runtime.advanceAsync(1_000)
    expect(errors).toEqual(['the test broke addUsage'])
    expect((await pool.usage({ by: [] })).rows).toMatchObject([{ requests: 2, cost: '5.00' }])
    expect((await base.load()).balances).toMatchObject([{ spent: { any: 5n * 10n ** 12n } }])
    expect((await pool.balance()).totals).toEqual({ CNY: '95.00' })
  })
})

describe('pool.balance', () => {
  it('a balance is what was entered less what was spent, with an estimate of how long it will last', async () => {
    const { pool, runtime } = await setUp(options)
    await call(pool, 10)
    runtime.advance(dayMs)
    await call(pool, 20)
    runtime.advance(dayMs)
    await call(pool, 5)
    await call(pool, null)
    const { total, totals, accounts } = await pool.balance()
    expect([total, totals]).toEqual(['65.00', { CNY: '65.00' }])
    expect(accounts[0]).toMatchObject({
      account: 'acme',
      balance: { amount: '65.00', source: 'estimated', at: '2026-09-01T04:00:10.000Z', funds: null },
      trend: { dailyCost: '15.00', days: 2, daysLeft: 4.3 },
      unknownCosts: 1,
    })
    expect(accounts[1]).toMatchObject({
      balance: { amount: null, source: 'unknown' },
      trend: { dailyCost: null, days: 0, daysLeft: null },
    })
  })

  it('balances and usage continue where the last process stopped', async () => {
    const base = memoryStore()
    const first = await setUp(options, base)
    await call(first.pool, 10)
    await first.pool.close()
    const { pool } = await setUp({ ...options, keys: [] }, base)
    expect((await pool.balance()).totals).toEqual({ CNY: '90.00' })
    await call(pool, 1)
    expect((await pool.usage({ by: [] })).rows).toMatchObject([{ requests: 2, cost: '11.00' }])
  })

  it('processes with one store add their usage and never overwrite each other', async () => {
    const path = join(folder, 'shared.db')
    const one = await setUp(options, await sqliteStore({ path }))
    const other = await setUp({ ...options, keys: [] }, await sqliteStore({ path }))
    for (let n = 0; n < 5; n++) {
      await call(one.pool, 1)
      await call(other.pool, 2)
      if (n === 2) await Promise.all([one.pool.usage(), other.pool.usage()])
    }
    const [mine, theirs] = [await one.pool.usage({ by: [] }), await other.pool.usage({ by: [] })]
    expect(theirs.rows).toMatchObject([{ requests: 10, cost: '15.00' }])
    expect(mine.rows).toMatchObject([{ cost: expect.stringMatching(/^(15|11)\.00$/) }])
    // The process that saves last sees what both have spent.
    expect((await other.pool.balance()).totals).toEqual({ CNY: '85.00' })
    await call(one.pool, 1)
    await one.pool.usage()
    expect((await one.pool.balance()).totals).toEqual({ CNY: '84.00' })
  })

  it('an account below minBalance serves free models only and reports balance-low', async () => {
    const { pool } = await setUp({ ...options, minBalance: '99' })
    const low: unknown[] = []
    pool.on('balance-low', (event) => void low.push(event))
    await call(pool, 2)
    const [first, second] = pool.keys.list()
    expect(low).toMatchObject([{ account: 'acme', keys: [first?.id], balance: { amount: '98.00' } }])
    expect(first).toMatchObject({ status: 'exhausted', reason: 'less balance than minBalance' })
    const lease = await pool.acquire({ model: 'paid' })
    expect(lease.key.id).toBe(second?.id)
    expect((await pool.acquire({ model: 'Qwen/Qwen3-8B' })).key.id).toBe(first?.id)
    await pool.keys.update(first?.id ?? '', { balance: '+1' })
    expect(pool.keys.get(first?.id ?? '')).toMatchObject({ status: 'ready', balance: { amount: '99.00' } })
  })
})

describe('pool.prices', () => {
  it('the prices are those of the operator’s list, then those of the provider', async () => {
    const { pool } = await setUp(options)
    expect(pool.prices).toMatchObject({ date: '2026-08-31', source: 'a test' })
    expect(pool.prices.of('paid', 'cn')).toMatchObject({ source: 'a test', currency: 'CNY' })
    expect(pool.prices.of('Qwen/Qwen3-8B', 'cn')).toMatchObject({ price: 'free', date: '2026-10-05' })
    expect((await setUp()).pool.prices.date).toBe('2026-10-05')
    const other = new KeyPool({ provider: 'generic', baseURL: 'http://127.0.0.1:1' })
    expect(other.prices).toMatchObject({ date: null, source: null })
    await other.close()
  })

  it.each([
    [{ prices: { ...prices, date: 'today' } }, /^prices\.date must be a day/],
    [
      { prices: { ...prices, sites: { us: { currency: 'USD', models: {} } } } },
      /^prices\.sites must be of cn, com/,
    ],
    [{ prices: null }, /^prices must be an object/],
    [{ minBalance: 5 }, /^minBalance must be a decimal string/],
    [{ minBalance: { CNY: 'x' } }, /^minBalance\.CNY must be a decimal string/],
  ])('wrong prices and a wrong minBalance are refused: %j', (wrong, message) => {
    expect(() => new KeyPool(wrong as unknown as PoolOptions)).toThrow(message)
  })
})
