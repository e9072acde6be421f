import { describe, expect, it } from 'vitest'
import { type EndedCall, Ledger, others } from './ledger.js'

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

const ledger = (): Ledger => new Ledger({ dayOffsetMs: beijing })

describe('the ledger', () => {
  it('sums up each call under its key and under its model, on the day of the provider', () => {
    const books = ledger()
    books.note(call(), night)
    books.note(call({ usage: null, cost: null, isSuccess: false }), night)
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
    expect(books.take()).toEqual([
      { book: 'keys', name: 'key-1', of: 'acme', ...sums },
      { book: 'models', name: 'Qwen/Qwen3-8B', of: '', ...sums },
    ])
  })

  it('keeps apart keys, accounts, models, clients, money and days', () => {
    const books = ledger()
    const calls = [
      call(),
      call({ key: 'key-2' }),
      call({ account: 'other' }),
      call({ model: 'm', client: 'c' }),
      call({ model: 'mc', client: '' }),
      call({ currency: 'USD' }),
    ]
    for (const each of calls) books.note(each, night)
    books.note(call(), night + 22 * hour)
    const rows = books.take()
    expect(rows.filter(({ book }) => book === 'keys')).toHaveLength(5)
    expect(rows.filter(({ book }) => book === 'models')).toHaveLength(5)
    expect(rows.at(-1)?.day).toBe(day + 1)
  })

  it('gives what is to be stored once, and takes back what could not be', () => {
    const books = ledger()
    books.note(call(), night)
    const taken = books.take()
    expect([books.hasUnsaved, books.take()]).toEqual([false, []])
    books.note(call(), night)
    books.giveBack(taken)
    expect(books.take()).toMatchObject([
      { requests: 2, cost: 14n, images: 4 },
      { requests: 2, promptTokens: 20 },
    ])
  })

  it('has room for so many names a day, and counts what is over under one', () => {
    const books = ledger()
    for (let n = 0; n < 3_000; n++) books.note(call({ model: `made up ${n}`, client: 'a client' }), night)
    for (let n = 0; n < 3_000; n++) books.note(call({ client: `client ${n}` }), night)
    const rows = books.take().filter(({ book }) => book === 'models')
    expect(new Set(rows.map(({ name }) => name)).size).toBe(1_001)
    expect(new Set(rows.map(({ of }) => of)).size).toBe(1_001)
    expect(rows.reduce((sum, { requests }) => sum + requests, 0)).toBe(6_000)
    expect(rows.find(({ name, of }) => name === others && of === 'a client')?.requests).toBe(2_000)
  })

  it('has room for so many pairs of them', () => {
    const books = ledger()
    for (let n = 0; n < 20_000; n++)
      books.note(call({ model: `model ${n % 200}`, client: `client ${Math.floor(n / 200)}` }), night)
    expect(books.take().filter(({ book }) => book === 'models')).toHaveLength(10_001)
  })

  it('gets no more room by a restart, but does on another day', () => {
    const books = ledger()
    const stored = Array.from({ length: 1_000 }, (_, n) => ({ day, name: `model ${n}`, of: '' }))
    books.remember(stored, night)
    books.note(call({ model: 'model 7' }), night)
    books.note(call({ model: 'model 1000' }), night)
    books.note(call({ model: 'model 1000' }), night + 24 * hour)
    const names = books.take().filter(({ book }) => book === 'models')
    expect(names.map(({ name }) => name)).toEqual(['model 7', others, 'model 1000'])
  })

  it.each([
    [1.6, 2],
    [Number.NaN, 0],
    [-3, 0],
    [1e300, 1_000_000_000],
    [Number.POSITIVE_INFINITY, 1_000_000_000],
  ])('takes %s for %i: what is no number of tokens spoils no sum', (tokens, counted) => {
    const books = ledger()
    const usage = {
      promptTokens: tokens,
      completionTokens: tokens,
      totalTokens: tokens,
      cachedTokens: tokens,
      reasoningTokens: tokens,
      images: tokens,
    }
    books.note(call({ usage }), night)
    const [row] = books.take()
    expect(row).toMatchObject({
      promptTokens: counted,
      completionTokens: counted,
      cachedTokens: counted,
      reasoningTokens: counted,
      images: counted,
    })
  })
})
