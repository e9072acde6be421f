import { describe, expect, it } from 'vitest'
import { ConfigError } from '../errors.js'
import { KeyPool } from '../pool.js'
import type { PoolOptions } from '../pool-options.js'
import { siliconflowPrices } from '../price/siliconflow-prices.js'
import { memoryStore } from '../store/memory/memory-store.js'
import type { Store } from '../store/store.js'
import { poolUnderTest } from '../testing/pool-under-test.js'
import { model as paid, simulatedPool } from '../testing/simulated-pool.js'
import { noTokens } from '../usage/usage.js'
import type { HistoryMetric } from './history-query.js'
import type { HistoryReport } from './history-series.js'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const keys = [
  { secret: 'sk-aaaaaaaaaaaaaaaaaaaaaaaa', account: 'acme' },
  { secret: 'sk-bbbbbbbbbbbbbbbbbbbbbbbb', account: 'acme' },
  { secret: 'sk-cccccccccccccccccccccccc', account: 'other gmbh' },
]
/** One yuan a token. */
const prices = {
  date: '2026-09-01',
  source: 'a test',
  sites: { cn: { currency: 'CNY', models: { m: { input: '1000000', output: '1000000' } } } },
} as const

const setUp = async (options: PoolOptions = {}, store?: Store) => {
  const test = await poolUnderTest({ keys, prices, strategy: 'round-robin', ...options }, store)
  const { pool, runtime } = test
  /** A request that takes a while and a token. */
  const ask = async (
    model = 'm',
    { client = 'c1', ms = 100, tokens = 1, images = 0 } = {},
  ): Promise<void> => {
    const lease = await pool.acquire({ model, client })
    runtime.advance(ms)
    const usage = { ...noTokens, promptTokens: tokens, totalTokens: tokens, ...(images > 0 && { images }) }
    lease.settle('success', usage, ms / 2)
  }
  return { ...test, ask }
}

/** The names of a report with the sums of their points. */
const sums = ({ series }: HistoryReport): Record<string, number> =>
  Object.fromEntries(
    series.map(({ name, points }) => [name, points.reduce((sum, [, value]) => sum + Number(value), 0)]),
  )

const last = ({ series }: HistoryReport) => series[0]?.points.at(-1)?.[1]

describe('pool.history', () => {
  it('history tells requests by what they are split by, at once, before anything is stored', async () => {
    const { pool, ask, store } = await setUp()
    for (const [model, client] of [
      ['m', 'c1'],
      ['m', 'c2'],
      ['x', 'c2'],
    ] as const)
      await ask(model, { client })
    expect(store.calls.addHistory).toBeUndefined()
    const by = async (name: 'none' | 'account' | 'model' | 'client') =>
      sums(await pool.history({ metric: 'requests', by: name }))
    expect(await by('none')).toEqual({ all: 3 })
    expect(await by('model')).toEqual({ m: 2, x: 1 })
    expect(await by('client')).toEqual({ c2: 2, c1: 1 })
    expect(await by('account')).toEqual({ acme: 2, 'other gmbh': 1 })
    const byKey = await pool.history({ metric: 'requests', by: 'key' })
    expect(byKey.series.map(({ name }) => name).sort()).toEqual(
      pool.keys
        .list()
        .map(({ id }) => id)
        .sort(),
    )
  })

  it('a report names its metric, its step in seconds, its ends, and the instant of each point', async () => {
    const { pool, runtime } = await setUp()
    runtime.shiftClock(Date.UTC(2026, 9, 5, 8) - runtime.now())
    expect(await pool.history({ metric: 'requests', window: '2m' })).toEqual({
      metric: 'requests',
      step: 60,
      from: '2026-10-05T07:59:00.000Z',
      to: '2026-10-05T08:00:00.000Z',
      series: [
        {
          name: 'all',
          points: [
            ['2026-10-05T07:59:00.000Z', 0],
            ['2026-10-05T08:00:00.000Z', 0],
          ],
        },
      ],
    })
  })

  it('history tells tokens, images, cost and errors', async () => {
    const { pool, ask } = await setUp()
    await ask('m', { tokens: 3 })
    await ask('unpriced', { tokens: 40, images: 4 })
    const lease = await pool.acquire({ model: 'm' })
    lease.settle('upstream-error')
    lease[Symbol.dispose]()
    const sumOf = async (metric: HistoryMetric) => sums(await pool.history({ metric })).all
    expect(await sumOf('tokens')).toBe(43)
    expect(await sumOf('images')).toBe(4)
    expect(await sumOf('errors')).toBe(1)
    expect(await sumOf('requests')).toBe(3)
    const cost = await pool.history({ metric: 'cost' })
    expect(cost.series).toMatchObject([{ name: 'all', currency: 'CNY' }])
    expect(last(cost)).toBe('3.00')
  })

  it('percentiles of latency and of the time to the first output are exact to 5 %', async () => {
    const { pool, ask } = await setUp()
    for (let n = 1; n <= 100; n++) await ask('m', { ms: 10 * n })
    const of = async (metric: 'latency' | 'ttft', percentile: 'p50' | 'p95' | 'p99') =>
      Number(last(await pool.history({ metric, percentile, window: '1h', step: 3600 })))
    const near = (wanted: number) => [wanted * 0.95, wanted * 1.05] as const
    for (const [percentile, wanted] of [
      ['p50', 500],
      ['p95', 950],
      ['p99', 990],
    ] as const) {
      const told = await of('latency', percentile)
      expect(told).toBeGreaterThanOrEqual(near(wanted)[0])
      expect(told).toBeLessThanOrEqual(near(wanted)[1])
      expect(await of('ttft', percentile)).toBeLessThanOrEqual(near(wanted / 2)[1])
    }
  })

  it('a balance holds until the next one is known, by account and in all', async () => {
    const { pool, runtime, ask } = await setUp({ strategy: 'sequential' })
    const [first] = pool.keys.list()
    await pool.keys.update(first?.id ?? '', { balance: '10' })
    await ask('m', { tokens: 3 })
    await runtime.advanceAsync(5 * minute)
    await ask('m', { tokens: 2 })
    await runtime.advanceAsync(2 * second)
    const byAccount = await pool.history({ metric: 'balance', by: 'account', window: '7m' })
    const acme = byAccount.series.find(({ name }) => name === 'acme')
    expect(acme?.points.map(([, value]) => value)).toEqual([
      null,
      '7.00',
      '7.00',
      '7.00',
      '7.00',
      '7.00',
      '5.00',
    ])
    expect(last(await pool.history({ metric: 'balance' }))).toBe('5.00')
  })

  it('history is stored once a second at most, however many requests there are', async () => {
    const { runtime, ask, store } = await setUp()
    for (let n = 0; n < 100; n++) {
      await ask('m', { ms: 20 })
      await runtime.advanceAsync(0)
    }
    await runtime.advanceAsync(2 * second)
    expect(store.calls.addHistory).toBeLessThanOrEqual(4)
    expect(store.calls.addHistory).toBeGreaterThanOrEqual(2)
  })

  it('what was not stored is there for the next pool after close', async () => {
    const base = memoryStore()
    const { pool, ask } = await setUp({}, base)
    await ask()
    await pool.close()
    const next = await setUp({}, base)
    expect(sums(await next.pool.history({ metric: 'requests' }))).toEqual({ all: 1 })
  })

  it('two pools on one store tell the same, and count nothing twice', async () => {
    const base = memoryStore()
    const [one, other] = [await setUp({}, base), await setUp({}, base)]
    for (let n = 0; n < 5; n++) {
      await one.ask()
      await other.ask()
    }
    await one.runtime.advanceAsync(3 * second)
    await other.runtime.advanceAsync(3 * second)
    for (const { pool } of [one, other])
      expect(sums(await pool.history({ metric: 'requests' }))).toEqual({ all: 10 })
  })

  it('while the store fails history is kept and told, and it is stored when the store is back', async () => {
    const base = memoryStore()
    const { pool, runtime, ask, store } = await setUp({}, base)
    const errors: Error[] = []
    pool.on('store-error', ({ error }) => void errors.push(error))
    store.broken.add('addHistory')
    for (let n = 0; n < 300; n++) {
      await ask()
      await runtime.advanceAsync(minute)
    }
    expect(errors.length).toBeGreaterThan(0)
    expect(errors.length).toBeLessThanOrEqual(301)
    const told = await pool.history({ metric: 'requests', window: '6h' })
    expect(sums(told)).toEqual({ all: 300 })
    store.broken.delete('addHistory')
    await runtime.advanceAsync(31 * second)
    await pool.close()
    const next = await setUp({}, base)
    next.runtime.shiftClock(runtime.now() - next.runtime.now())
    expect(sums(await next.pool.history({ metric: 'requests', window: '6h' }))).toEqual({ all: 300 })
  })

  it('a store that cannot be read rejects with what it says', async () => {
    const { pool, store } = await setUp()
    store.broken.add('readHistory')
    await expect(pool.history({ metric: 'requests' })).rejects.toMatchObject({ code: 'store_failed' })
  })

  it('a store without history serves; its history is kept in memory', async () => {
    const { addHistory: _, readHistory: __, ...store } = memoryStore()
    const pool = new KeyPool({ keys, prices, store })
    const lease = await pool.acquire({ model: 'm' })
    lease.settle('success')
    expect(sums(await pool.history({ metric: 'requests' }))).toEqual({ all: 1 })
    await pool.close()
  })

  it('without history nothing is recorded, and a query says which option is in the way', async () => {
    const { pool, ask, store, runtime } = await setUp({ history: false })
    await ask()
    await runtime.advanceAsync(5 * second)
    expect(store.calls.addHistory).toBeUndefined()
    await expect(pool.history({ metric: 'requests' })).rejects.toThrow(ConfigError)
    await expect(pool.rates()).rejects.toThrow(/^history must not be false/)
  })

  it.each([
    [{ minutes: 60 }, /^history\.minutes must be at least 120/],
    [{ hours: 1 }, /^history\.hours must be at least 48/],
    [{ days: 0 }, /^history\.days must be at least 1/],
    [{ names: 5_000 }, /^history\.names must be at most 1000/],
    [{ years: 1 }, /^history\.years is not an option/],
    [true, /^history must be false, or an object/],
  ])('the option history %j is refused by name and rule', async (given, message) => {
    expect(() => new KeyPool({ history: given as never })).toThrow(message)
  })

  it('three hundred names in a minute take the place of as many as are kept', async () => {
    const { pool, ask } = await setUp({ history: { names: 10 } })
    for (let n = 0; n < 300; n++) await ask(`model ${n}`, { ms: 1 })
    const { series } = await pool.history({ metric: 'requests', by: 'model' })
    expect(series).toHaveLength(11)
    expect(series.at(-1)).toMatchObject({ name: 'other' })
    expect(series.flatMap(({ points }) => points).reduce((sum, [, value]) => sum + Number(value), 0)).toBe(
      300,
    )
  })
})

describe('pool.figures', () => {
  it('figures tell everything of a time in all and by name, with the requests of each step', async () => {
    const { pool, ask } = await setUp()
    await ask('m', { tokens: 3 })
    await ask('m', { tokens: 4 })
    await ask('x')
    const report = await pool.figures({ window: '3m', by: 'model' })
    expect(report).toMatchObject({ step: 60, by: 'model', total: { name: 'all', requests: 3, tokens: 8 } })
    expect(report.rows[0]).toMatchObject({
      name: 'm',
      requests: 2,
      successes: 2,
      errors: 0,
      outcomes: { success: 2 },
      tokens: 7,
      promptTokens: 7,
      cost: '7.00',
      currency: 'CNY',
      unknownCosts: 0,
    })
    expect(report.rows[0]?.trend).toHaveLength(3)
    expect(report.rows[0]?.trend.at(-1)).toBe(2)
    expect(report.rows[0]?.latency.p95Ms).toBeGreaterThan(90)
  })

  it('figures that are not split have no rows', async () => {
    const { pool } = await setUp()
    expect(await pool.figures()).toMatchObject({ by: 'none', rows: [], total: { requests: 0, cost: '0.00' } })
  })
})

describe('pool.rates', () => {
  it('rates count the last sixty seconds, and the provider’s day', async () => {
    const { pool, runtime, ask } = await setUp()
    // Half a minute before midnight in Beijing.
    runtime.shiftClock(Date.UTC(2026, 9, 5, 15, 59, 30) - runtime.now())
    await ask('m', { tokens: 5, images: 2 })
    await ask('m', { tokens: 6, images: 2 })
    expect(await pool.rates()).toEqual({ rpm: 2, tpm: 11, ipm: 4, rpd: 2, tpd: 11, ipd: 4 })
    await runtime.advanceAsync(31 * second)
    await ask('m', { tokens: 1, images: 2 })
    expect(await pool.rates()).toEqual({ rpm: 3, tpm: 12, ipm: 6, rpd: 1, tpd: 1, ipd: 2 })
    await runtime.advanceAsync(2 * hour)
    expect(await pool.rates()).toEqual({ rpm: 0, tpm: 0, ipm: 0, rpd: 1, tpd: 1, ipd: 2 })
  })
})

describe('history of relayed requests', () => {
  it('a request that failover saved is one request of its model, and an attempt of each key', async () => {
    const { pool, chat, simulator } = await simulatedPool({ pool: { prices: siliconflowPrices } })
    simulator.faults.add({ fault: { kind: 'error', name: 'rate-limit-rpm' }, times: 1 })
    const answer = await chat()
    expect(answer.status).toBe(200)
    await answer.text()
    const byModel = await pool.figures({ by: 'model' })
    expect(byModel.rows).toMatchObject([{ name: paid, requests: 1, successes: 1 }])
    expect(byModel.total.tokens).toBeGreaterThan(0)
    expect(byModel.total.ttft.p50Ms).not.toBeNull()
    const byKey = await pool.figures({ by: 'key' })
    expect(byKey.rows.map(({ requests, errors }) => [requests, errors]).sort()).toEqual([
      [1, 0],
      [1, 1],
    ])
  })

  it('the model is the one that the client asked for, whatever serves', async () => {
    const { pool, chat } = await simulatedPool({ pool: { models: { aliases: { fast: paid } } } })
    await (await chat({ model: 'fast' })).text()
    const { rows } = await pool.figures({ by: 'model' })
    expect(rows.map(({ name }) => name)).toEqual(['fast'])
    expect(rows[0]?.tokens).toBeGreaterThan(0)
  })
})
