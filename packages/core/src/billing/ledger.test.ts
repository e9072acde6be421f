import { describe, expect, it } from 'vitest'
import { others } from './daily-names.js'
import { type EndedCall, Ledger } from './ledger.js'

const hour = 3_600_000
const beijing = 8 * hour
/** Two in the morning in Beijing; in Greenwich it is still the day before. */
const night = Date.UTC(2026, 8, 1, 18)
const day = 20_698

const call = (changes: Partial<EndedCall> = {}): EndedCall => ({
  key: 'key-1',
  account: 'acme',
  model: 'Qwen/Qwen3-8B',
  client: null,
  currency: 'CNY',
  isSuccess: true,
  usage: {
    promptTokens: 10,
    completionTokens: 5,
    totalTokens: 15,
    cachedTokens: 4,
    reasoningTokens: 3,
    images: 2,
  },
  cost: 7n,
  ...changes,
})

const makeLedger = (): Ledger => new Ledger({ dayOffsetMs: beijing })

describe('Ledger', () => {
  it('a call is summed up under its key and under its model, on the day of the provider', () => {
    const ledger = makeLedger()
    ledger.record(call(), night)
    ledger.record(call({ usage: null, cost: null, isSuccess: false }), night)
    const sums = {
      day,
      currency: 'CNY',
      requests: 2,
      successes: 1,
      promptTokens: 10,
      completionTokens: 5,
      cachedTokens: 4,
      reasoningTokens: 3,
      images: 2,
      cost: 7n,
      unknownCosts: 1,
    }
    expect(new Date(day * 24 * hour).toISOString().slice(0, 10)).toBe('2026-09-02')
    expect(ledger.take()).toEqual([
      { book: 'keys', upstream: 'default', name: 'key-1', of: 'acme', ...sums },
      { book: 'models', upstream: 'default', name: 'Qwen/Qwen3-8B', of: '', ...sums },
    ])
  })

  it('calls of other keys, accounts, models, clients, currencies and days have sums of their own', () => {
    const ledger = makeLedger()
    const calls = [
      call(),
      call({ key: 'key-2' }),
      call({ account: 'other' }),
      call({ model: 'm', client: 'c' }),
      call({ model: 'mc', client: '' }),
      call({ currency: 'USD' }),
    ]
    for (const each of calls) ledger.record(each, night)
    ledger.record(call(), night + 22 * hour)
    const rows = ledger.take()
    expect(rows.filter(({ book }) => book === 'keys')).toHaveLength(5)
    expect(rows.filter(({ book }) => book === 'models')).toHaveLength(5)
    expect(rows.at(-1)?.day).toBe(day + 1)
  })

  it('rows are given to the store once, and taken back when the store failed', () => {
    const ledger = makeLedger()
    ledger.record(call(), night)
    const taken = ledger.take()
    expect([ledger.hasUnsaved, ledger.take()]).toEqual([false, []])
    ledger.record(call(), night)
    ledger.giveBack(taken)
    expect(ledger.take()).toMatchObject([
      { requests: 2, cost: 14n, images: 4 },
      { requests: 2, promptTokens: 20 },
    ])
  })

  it('a day has room for 1,000 models and clients, and sums up the others under one name', () => {
    const ledger = makeLedger()
    for (let n = 0; n < 3_000; n++) ledger.record(call({ model: `made up ${n}`, client: 'a client' }), night)
    for (let n = 0; n < 3_000; n++) ledger.record(call({ client: `client ${n}` }), night)
    const rows = ledger.take().filter(({ book }) => book === 'models')
    expect(new Set(rows.map(({ name }) => name)).size).toBe(1_001)
    expect(new Set(rows.map(({ of }) => of)).size).toBe(1_001)
    expect(rows.reduce((sum, { requests }) => sum + requests, 0)).toBe(6_000)
    expect(rows.find(({ name, of }) => name === others && of === 'a client')?.requests).toBe(2_000)
  })

  it('a day has room for 10,000 pairs of model and client', () => {
    const ledger = makeLedger()
    for (let n = 0; n < 20_000; n++)
      ledger.record(call({ model: `model ${n % 200}`, client: `client ${Math.floor(n / 200)}` }), night)
    expect(ledger.take().filter(({ book }) => book === 'models')).toHaveLength(10_001)
  })

  it('a restart makes no room for more names, but a new day does', () => {
    const ledger = makeLedger()
    const stored = Array.from({ length: 1_000 }, (_, n) => ({ day, name: `model ${n}`, of: '' }))
    ledger.remember(stored, night)
    ledger.record(call({ model: 'model 7' }), night)
    ledger.record(call({ model: 'model 1000' }), night)
    ledger.record(call({ model: 'model 1000' }), night + 24 * hour)
    const names = ledger.take().filter(({ book }) => book === 'models')
    expect(names.map(({ name }) => name)).toEqual(['model 7', others, 'model 1000'])
  })

  it.each([
    [1.6, 2],
    [Number.NaN, 0],
    [-3, 0],
    [1e300, 1_000_000_000],
    [Number.POSITIVE_INFINITY, 1_000_000_000],
  ])('a reported count of %s is summed up as %i, so that wrong counts spoil no sum', (tokens, counted) => {
    const ledger = makeLedger()
    const usage = {
      promptTokens: tokens,
      completionTokens: tokens,
      totalTokens: tokens,
      cachedTokens: tokens,
      reasoningTokens: tokens,
      images: tokens,
    }
    ledger.record(call({ usage }), night)
    const [row] = ledger.take()
    expect(row).toMatchObject({
      promptTokens: counted,
      completionTokens: counted,
      cachedTokens: counted,
      reasoningTokens: counted,
      images: counted,
    })
  })

  it('a store that fails for weeks costs bounded memory, and the latest days are kept', () => {
    const ledger = makeLedger()
    for (let later = 0; later < 30; later++) {
      for (let n = 0; n < 4_000; n++) ledger.record(call({ key: `key-${n}` }), night + later * 24 * hour)
      ledger.giveBack(ledger.take())
    }
    ledger.record(call(), night + 29 * 24 * hour)
    const rows = ledger.take()
    expect(rows.length).toBeGreaterThanOrEqual(100_000)
    expect(rows.length).toBeLessThanOrEqual(100_002)
    const days = new Set(rows.map((row) => row.day))
    expect(days.has(day)).toBe(false)
    expect(days.has(day + 29)).toBe(true)
    // Of the days that are kept in full, each call is counted.
    const last = rows.filter((row) => row.day === day + 29 && row.book === 'keys')
    expect(last.reduce((sum, { requests }) => sum + requests, 0)).toBe(4_001)
  })
})
