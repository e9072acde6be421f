import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../testing/fake-runtime.js'
import { namedStrategy, type StrategyName } from '../named.js'
import type { Candidate } from '../strategy.js'
import { anyone, candidate, candidates, plain, seated, tally } from '../testing/candidate.js'
import { expectEven } from '../testing/expect-even.js'
import { sampleSize } from './sampled-ranking.js'

const names: readonly StrategyName[] = [
  'least-in-flight',
  'least-used',
  'low-rpm',
  'low-tpm',
  'high-balance',
  'low-balance',
  'high-success-rate',
  'weighted-score',
]

describe.each(names)('%s', (name) => {
  const fresh = (): ReturnType<typeof namedStrategy> => namedStrategy(name, seededRandom(21))

  it('lets equals take turns, in a small pool exactly', () => {
    const strategy = seated(fresh(), candidates(40))
    const counts = tally(100_000, () => strategy.pick(anyone, plain))
    expect(new Set(Object.values(counts))).toEqual(new Set([2_500]))
  })

  it('lets equals take turns in a pool that is sampled', () => {
    const all = candidates(500)
    const strategy = seated(fresh(), all)
    expectEven(
      tally(100_000, () => strategy.pick(anyone, plain)),
      all,
    )
  })

  it('lets equals take turns whatever stands between them', () => {
    const all = candidates(40)
    const strategy = seated(fresh(), all)
    const welcome = new Set([3, 4, 5, 20])
    const counts = tally(100_000, () => strategy.pick(({ order }) => welcome.has(order), plain))
    expect(counts).toEqual({ 'key-3': 25_000, 'key-4': 25_000, 'key-5': 25_000, 'key-20': 25_000 })
  })

  it('favours nobody for standing behind a long stretch of refused ones', () => {
    const strategy = seated(fresh(), candidates(1_000))
    const counts = tally(20_000, () => strategy.pick(({ order }) => order % 100 === 0, plain))
    expect(Object.keys(counts)).toHaveLength(10)
    for (const count of Object.values(counts)) expect(Math.abs(count - 2_000)).toBeLessThan(500)
  })

  it('owes nothing to whom it passed over, nor to whoever was away', () => {
    const all = candidates(10)
    const [absent, refused] = all as [Candidate, Candidate]
    const strategy = seated(fresh(), all)
    strategy.remove(absent)
    tally(1_000, () => strategy.pick((each) => each !== refused, plain))
    strategy.add(absent)
    const counts = tally(100, () => strategy.pick(anyone, plain))
    expect(new Set(Object.values(counts))).toEqual(new Set([10]))
  })

  it('stays fair while keys come and go', () => {
    const all = candidates(30)
    const strategy = seated(fresh(), all)
    const chance = seededRandom(22)
    // The last ten come and go, the others stay.
    const counts = tally(100_000, () => {
      const one = all[20 + Math.floor(chance() * 10)] as Candidate
      if (chance() < 0.5) strategy.remove(one)
      else strategy.add(one)
      return strategy.pick(anyone, plain)
    })
    const staying = all.slice(0, 20).map(({ id }) => counts[id] ?? 0)
    expect(Math.max(...staying) - Math.min(...staying)).toBeLessThanOrEqual(2)
    const leaving = all.slice(20).map(({ id }) => counts[id] ?? 0)
    expect(Math.max(...leaving)).toBeLessThanOrEqual(Math.max(...staying))
  })
})

describe('a sampled pool', () => {
  const serve = (balances: readonly number[], picks: number): number => {
    const all = balances.map((balance, order) => candidate(`key-${order}`, { order, balance }))
    const strategy = seated(namedStrategy('high-balance', seededRandom(23)), all)
    let sum = 0
    for (let done = 0; done < picks; done++) sum += strategy.pick(anyone, plain)?.balance ?? 0
    return sum / picks
  }
  /** Of so many drawn evenly from 0 to 1, the highest is here on average. */
  const expected = sampleSize / (sampleSize + 1)

  it('gives the best of a sample as good as chance makes it', () => {
    const chance = seededRandom(24)
    expect(serve(Array.from({ length: 2_000 }, chance), 100_000)).toBeCloseTo(expected, 1)
  })

  it('gives no worse from the first pick on, when the keys were added in the order of their scores', () => {
    const balances = Array.from({ length: 2_000 }, (_, order) => order / 2_000)
    expect(serve(balances, 500)).toBeCloseTo(expected, 1)
    expect(serve(balances.toReversed(), 500)).toBeCloseTo(expected, 1)
  })
})
