import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../testing/fake-runtime.js'
import { namedStrategy, type StrategyName } from '../named.js'
import type { Candidate } from '../strategy.js'
import { acceptAll, candidate, candidates, countPicks, plain, withCandidates } from '../testing/candidate.js'
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

  it('picks equal keys exactly equally often in a small pool', () => {
    const strategy = withCandidates(fresh(), candidates(40))
    const counts = countPicks(100_000, () => strategy.pick(acceptAll, plain))
    expect(new Set(Object.values(counts))).toEqual(new Set([2_500]))
  })

  it('picks equal keys equally often in a sampled pool', () => {
    const all = candidates(500)
    const strategy = withCandidates(fresh(), all)
    expectEven(
      countPicks(100_000, () => strategy.pick(acceptAll, plain)),
      all,
    )
  })

  it('picks equal keys equally often with refused keys between them', () => {
    const all = candidates(40)
    const strategy = withCandidates(fresh(), all)
    const welcome = new Set([3, 4, 5, 20])
    const counts = countPicks(100_000, () => strategy.pick(({ order }) => welcome.has(order), plain))
    expect(counts).toEqual({ 'key-3': 25_000, 'key-4': 25_000, 'key-5': 25_000, 'key-20': 25_000 })
  })

  it('does not favour a key behind a long stretch of refused keys', () => {
    const strategy = withCandidates(fresh(), candidates(1_000))
    const counts = countPicks(20_000, () => strategy.pick(({ order }) => order % 100 === 0, plain))
    expect(Object.keys(counts)).toHaveLength(10)
    for (const count of Object.values(counts)) expect(Math.abs(count - 2_000)).toBeLessThan(500)
  })

  it('gives no burst to a key that was refused or away', () => {
    const all = candidates(10)
    const [absent, refused] = all as [Candidate, Candidate]
    const strategy = withCandidates(fresh(), all)
    strategy.remove(absent)
    countPicks(1_000, () => strategy.pick((each) => each !== refused, plain))
    strategy.add(absent)
    const counts = countPicks(100, () => strategy.pick(acceptAll, plain))
    expect(new Set(Object.values(counts))).toEqual(new Set([10]))
  })

  it('stays fair while keys are added and removed', () => {
    const all = candidates(30)
    const strategy = withCandidates(fresh(), all)
    const chance = seededRandom(22)
    // The last ten come and go, the others stay.
    const counts = countPicks(100_000, () => {
      const one = all[20 + Math.floor(chance() * 10)] as Candidate
      if (chance() < 0.5) strategy.remove(one)
      else strategy.add(one)
      return strategy.pick(acceptAll, plain)
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
    const strategy = withCandidates(namedStrategy('high-balance', seededRandom(23)), all)
    let sum = 0
    for (let done = 0; done < picks; done++) sum += strategy.pick(acceptAll, plain)?.balance ?? 0
    return sum / picks
  }
  /** The mean of the highest of `sampleSize` uniform numbers from 0 to 1. */
  const expected = sampleSize / (sampleSize + 1)

  it('picks the best key of a random sample', () => {
    const chance = seededRandom(24)
    expect(serve(Array.from({ length: 2_000 }, chance), 100_000)).toBeCloseTo(expected, 1)
  })

  it('picks equally good keys from the start when keys are added in the order of their scores', () => {
    const balances = Array.from({ length: 2_000 }, (_, order) => order / 2_000)
    expect(serve(balances, 500)).toBeCloseTo(expected, 1)
    expect(serve(balances.toReversed(), 500)).toBeCloseTo(expected, 1)
  })
})
