import { describe, expect, it } from 'vitest'
import { defaultHistory } from '../../history/history-options.js'
import type { HistoryBatch, HistoryBlock, HistoryRange } from '../../history/stored-history.js'
import { mergeTallies, otherName } from '../../history/tallies.js'
import { Tally } from '../../history/tally.js'
import type { Store } from '../store.js'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const beijing = 8 * hour
/** Midnight in Beijing. */
const start = Date.UTC(2026, 8, 1) - beijing

interface Places {
  newPlace(): string
  opened(place?: string): Promise<Store>
}

/** So many requests, each of a yuan. */
const requests = (count: number): Tally => {
  const tally = new Tally()
  for (let n = 0; n < count; n++) {
    tally.addEnd('success', 100, 50)
    tally.cost.addMoney('CNY', 10n ** 12n)
  }
  return tally
}

const block = (at: number, counts: Readonly<Record<string, number>>, by: HistoryBlock['by'] = 'key') => ({
  upstream: 'default',
  by,
  at,
  tallies: new Map(Object.entries(counts).map(([name, count]) => [name, requests(count)])),
})

const batch = (now: number, blocks: readonly HistoryBlock[], keep = {}): HistoryBatch => ({
  blocks,
  now,
  dayOffsetMs: beijing,
  keep: { ...defaultHistory, ...keep },
})

async function countsOf(store: Store, range: Partial<HistoryRange> = {}): Promise<Record<string, number>> {
  const sums = new Map<string, Tally>()
  const whole = { by: 'key', span: 'minute', from: 0, to: 10 * start, ...range } as const
  await store.readHistory?.(whole, ({ tallies }) => mergeTallies(sums, tallies))
  return Object.fromEntries(Array.from(sums, ([name, tally]) => [name, tally.requests]))
}

async function startsOf(store: Store, range: Partial<HistoryRange> = {}): Promise<number[]> {
  const starts: number[] = []
  const whole = { by: 'key', span: 'minute', from: 0, to: 10 * start, ...range } as const
  await store.readHistory?.(whole, ({ at }) => starts.push(at))
  return starts
}

/** What every store must do with the figures of the past. */
export function describeHistory(name: string, { newPlace, opened }: Places): void {
  describe(`${name}: history`, () => {
    it('the store gives figures back by dimension and time, exactly as they were added', async () => {
      const store = await opened()
      const tally = requests(3)
      tally.addEnd('rate-limited', 200, -1)
      tally.balances.set('USD', -5n, start)
      await store.addHistory?.(
        batch(start, [
          { upstream: 'default', by: 'model', at: start, tallies: new Map([['模型 "x" 😀', tally]]) },
          block(start, { a: 1 }),
        ]),
      )
      const found: HistoryBlock[] = []
      await store.readHistory?.({ by: 'model', span: 'minute', from: start, to: start + minute }, (each) =>
        found.push(each),
      )
      expect(found).toEqual([
        { upstream: 'default', by: 'model', at: start, tallies: new Map([['模型 "x" 😀', tally]]) },
      ])
      expect(await countsOf(store, { from: start + 1 })).toEqual({})
      expect(await countsOf(store, { to: start })).toEqual({})
    })

    it('the figures of several processes add up', async () => {
      const place = newPlace()
      const [one, other] = [await opened(place), await opened(place)]
      await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          (n % 2 === 0 ? one : other).addHistory?.(batch(start, [block(start, { a: 1, [`n${n}`]: 1 })])),
        ),
      )
      expect(await countsOf(one)).toMatchObject({ a: 20, n0: 1, n19: 1 })
    })

    it('figures of two upstreams stay apart', async () => {
      const store = await opened()
      const other = { ...block(start, { a: 2 }), upstream: 'spare' }
      await store.addHistory?.(batch(start, [block(start, { a: 1 }), other]))
      const found: [string, number | undefined][] = []
      await store.readHistory?.({ by: 'key', span: 'minute', from: 0, to: 2 * start }, (each) =>
        found.push([each.upstream, each.tallies.get('a')?.requests]),
      )
      expect(found.sort()).toEqual([
        ['default', 1],
        ['spare', 2],
      ])
    })

    it('figures are there after the store was closed and opened again', async () => {
      const place = newPlace()
      const store = await opened(place)
      await store.addHistory?.(batch(start, [block(start, { a: 4 })]))
      await store.close()
      expect(await countsOf(await opened(place))).toEqual({ a: 4 })
    })

    it('hours are summed up when they are over, and their minutes count once', async () => {
      const store = await opened()
      for (let n = 0; n < 130; n++)
        await store.addHistory?.(batch(start + n * minute, [block(start + n * minute, { a: 1 })]))
      expect(await countsOf(store, { span: 'hour' })).toEqual({ a: 130 })
      expect((await startsOf(store, { span: 'hour' })).slice(0, 3)).toEqual([
        start,
        start + hour,
        start + 2 * hour,
      ])
      expect(await startsOf(store, { span: 'minute' })).toHaveLength(130)
    })

    it('days are those of the provider, and count once, too', async () => {
      const store = await opened()
      for (let n = 0; n <= 50; n++)
        await store.addHistory?.(batch(start + n * hour, [block(start + n * hour, { a: 1 })]))
      const days = await startsOf(store, { span: 'day', to: start + 2 * day })
      expect(days).toEqual([start, start + day])
      expect(await countsOf(store, { span: 'day', from: start, to: start + day })).toEqual({ a: 24 })
      expect(await countsOf(store, { span: 'day' })).toEqual({ a: 51 })
    })

    it('what comes late is part of the hour and the day that were summed up without it', async () => {
      const store = await opened()
      await store.addHistory?.(batch(start, [block(start, { a: 1 })]))
      await store.addHistory?.(batch(start + 3 * day, [block(start + 3 * day, { a: 1 })]))
      await store.addHistory?.(batch(start + 3 * day, [block(start + minute, { a: 5 })]))
      for (const span of ['hour', 'day'] as const)
        expect(await countsOf(store, { span, to: start + day })).toEqual({ a: 6 })
    })

    it('what is older than it is kept is forgotten, but its sums are kept as long as theirs', async () => {
      const store = await opened()
      const keep = { minutes: 120, hours: 48, days: 5 }
      for (let at = start; at <= start + 8 * day; at += 6 * hour)
        await store.addHistory?.(batch(at, [block(at, { a: 1 })], keep))
      const end = start + 8 * day
      expect(await startsOf(store, { span: 'minute' })).toEqual([end])
      expect(await startsOf(store, { span: 'hour' })).toHaveLength(9)
      expect((await startsOf(store, { span: 'day' }))[0]).toBe(end - 5 * day)
    })

    it('a step keeps the busiest names, and every request of the rest', async () => {
      const store = await opened()
      const counts = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`key ${n}`, n + 1]))
      await store.addHistory?.(batch(start, [block(start, counts)], { names: 4 }))
      const found = await countsOf(store)
      expect(found).toEqual({
        'key 36': 37,
        'key 37': 38,
        'key 38': 39,
        'key 39': 40,
        [otherName]: 820 - 37 - 38 - 39 - 40,
      })
    })

    it('a clock that runs ahead for a while loses nothing of what is recorded later', async () => {
      const store = await opened()
      await store.addHistory?.(batch(start, [block(start, { a: 1 })]))
      await store.addHistory?.(batch(start + 40 * day, [block(start + 40 * day, { a: 1 })]))
      for (let n = 1; n <= 3; n++)
        await store.addHistory?.(batch(start + n * hour, [block(start + n * hour, { a: 1 })]))
      for (const span of ['hour', 'day'] as const)
        expect(await countsOf(store, { span, to: start + day })).toEqual({ a: 4 })
    })

    it('a batch without blocks changes nothing', async () => {
      const store = await opened()
      await store.addHistory?.(batch(start, []))
      expect(await countsOf(store)).toEqual({})
    })
  })
}
