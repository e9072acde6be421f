import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import type { Candidate } from './strategy.js'
import { acceptAll, candidate, candidates, countPicks, plain } from './testing/candidate.js'
import { weighted } from './weighted.js'

function weightedOver(weights: readonly number[]): {
  strategy: ReturnType<typeof weighted>
  all: Candidate[]
} {
  const strategy = weighted()
  const all = weights.map((weight, order) => candidate(`key-${order}`, { weight, order }))
  for (const each of all) strategy.add(each)
  return { strategy, all }
}

describe('weighted', () => {
  it('gives exact shares by weight over a hundred thousand picks', () => {
    const weights = [5, 3, 2, 1, 1]
    const { strategy } = weightedOver(weights)
    const rounds = 10_000
    const counts = countPicks(rounds * 12, () => strategy.pick(acceptAll, plain))
    expect(Object.values(counts)).toEqual(weights.map((weight) => weight * rounds))
  })

  it('keeps each key close to its exact share for any weights', () => {
    const weight = fc.double({ min: 0.05, max: 20, noNaN: true })
    assertProperty(
      fc.property(fc.array(weight, { minLength: 2, maxLength: 8 }), (weights) => {
        const { strategy, all } = weightedOver(weights)
        const total = weights.reduce((sum, each) => sum + each, 0)
        const counts = new Map<Candidate | undefined, number>()
        let [lag, lead] = [0, 0]
        for (let picks = 1; picks <= 500; picks++) {
          const picked = strategy.pick(acceptAll, plain)
          counts.set(picked, (counts.get(picked) ?? 0) + 1)
          for (const each of all) {
            const ahead = (counts.get(each) ?? 0) - (picks * each.weight) / total
            lag = Math.min(lag, ahead)
            lead = Math.max(lead, ahead)
          }
        }
        // Start-time fair queueing: the count may lag by one turn for each key and lead by one turn.
        expect(lag).toBeGreaterThan(-all.length)
        expect(lead).toBeLessThan(1 + 1e-6)
      }),
      { numRuns: 50 },
    )
  })

  it('gives no burst to a key that was away for a thousand picks', () => {
    const { strategy, all } = weightedOver([1, 1, 1, 1])
    const absent = all[0] as Candidate
    strategy.remove(absent)
    countPicks(1_000, () => strategy.pick(acceptAll, plain))
    strategy.add(absent)
    expect(countPicks(40, () => strategy.pick(acceptAll, plain))).toEqual({
      'key-0': 10,
      'key-1': 10,
      'key-2': 10,
      'key-3': 10,
    })
  })

  it('keeps the shares of the other keys while a heavy key is refused', () => {
    const { strategy } = weightedOver([10, 2, 1])
    const counts = countPicks(300, () => strategy.pick(({ id }) => id !== 'key-0', plain))
    expect(counts).toEqual({ 'key-1': 200, 'key-2': 100 })
  })

  it('gives no more than its share to a key that is removed and added repeatedly', () => {
    const { strategy, all } = weightedOver([0.1, 1, 1])
    const light = all[0] as Candidate
    const counts = countPicks(2_100, () => {
      strategy.remove(light)
      strategy.add(light)
      return strategy.pick(acceptAll, plain)
    })
    expect(counts).toEqual({ 'key-0': 100, 'key-1': 1_000, 'key-2': 1_000 })
  })

  it('applies a raised weight at once', () => {
    const { strategy, all } = weightedOver([0.001, 1])
    const [raised] = all as [Candidate & { weight: number }, Candidate]
    expect(strategy.pick(acceptAll, plain)).toBe(raised)
    strategy.remove(raised)
    raised.weight = 1
    strategy.add(raised)
    expect(countPicks(20, () => strategy.pick(acceptAll, plain))).toEqual({ 'key-0': 10, 'key-1': 10 })
  })

  it('picks each of ten thousand equal keys once before any key twice', () => {
    const strategy = weighted()
    for (const each of candidates(10_000)) strategy.add(each)
    const served = new Set(Array.from({ length: 10_000 }, () => strategy.pick(acceptAll, plain)))
    expect(served.size).toBe(10_000)
  })
})
