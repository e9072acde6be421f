import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import type { Candidate } from './strategy.js'
import { anyone, candidate, candidates, plain, tally } from './testing/candidate.js'
import { weighted } from './weighted.js'

function seated(weights: readonly number[]): { strategy: ReturnType<typeof weighted>; all: Candidate[] } {
  const strategy = weighted()
  const all = weights.map((weight, order) => candidate(`key-${order}`, { weight, order }))
  for (const each of all) strategy.add(each)
  return { strategy, all }
}

describe('weighted', () => {
  it('gives exact shares over every full round, for a hundred thousand picks', () => {
    const weights = [5, 3, 2, 1, 1]
    const { strategy } = seated(weights)
    const rounds = 10_000
    const counts = tally(rounds * 12, () => strategy.pick(anyone, plain))
    expect(Object.values(counts)).toEqual(weights.map((weight) => weight * rounds))
  })

  it('is never further than one turn from the exact share of a key, for any weights', () => {
    const weight = fc.double({ min: 0.05, max: 20, noNaN: true })
    assertProperty(
      fc.property(fc.array(weight, { minLength: 2, maxLength: 8 }), (weights) => {
        const { strategy, all } = seated(weights)
        const total = weights.reduce((sum, each) => sum + each, 0)
        const counts = new Map<Candidate | undefined, number>()
        for (let picks = 1; picks <= 500; picks++) {
          const picked = strategy.pick(anyone, plain)
          counts.set(picked, (counts.get(picked) ?? 0) + 1)
          for (const each of all) {
            // Start-time fair queueing: as many turns ahead as there are others, at most one behind.
            const share = (picks * each.weight) / total
            expect((counts.get(each) ?? 0) - share).toBeGreaterThan(-all.length)
            expect((counts.get(each) ?? 0) - share).toBeLessThan(1 + 1e-6)
          }
        }
      }),
      { numRuns: 50 },
    )
  })

  it('gives a key no burst after a thousand picks without it', () => {
    const { strategy, all } = seated([1, 1, 1, 1])
    const absent = all[0] as Candidate
    strategy.remove(absent)
    tally(1_000, () => strategy.pick(anyone, plain))
    strategy.add(absent)
    expect(tally(40, () => strategy.pick(anyone, plain))).toEqual({
      'key-0': 10,
      'key-1': 10,
      'key-2': 10,
      'key-3': 10,
    })
  })

  it('keeps the shares of the others while a heavy key is passed over', () => {
    const { strategy } = seated([10, 2, 1])
    const counts = tally(300, () => strategy.pick(({ id }) => id !== 'key-0', plain))
    expect(counts).toEqual({ 'key-1': 200, 'key-2': 100 })
  })

  it('gives a key that comes and goes no more than its share', () => {
    const { strategy, all } = seated([0.1, 1, 1])
    const light = all[0] as Candidate
    const counts = tally(2_100, () => {
      strategy.remove(light)
      strategy.add(light)
      return strategy.pick(anyone, plain)
    })
    expect(counts).toEqual({ 'key-0': 100, 'key-1': 1_000, 'key-2': 1_000 })
  })

  it('does not let a weight of long ago hold back a key whose weight was raised', () => {
    const { strategy, all } = seated([0.001, 1])
    const [raised] = all as [Candidate & { weight: number }, Candidate]
    expect(strategy.pick(anyone, plain)).toBe(raised)
    strategy.remove(raised)
    raised.weight = 1
    strategy.add(raised)
    expect(tally(20, () => strategy.pick(anyone, plain))).toEqual({ 'key-0': 10, 'key-1': 10 })
  })

  it('serves ten thousand equal keys once each before anyone twice', () => {
    const strategy = weighted()
    for (const each of candidates(10_000)) strategy.add(each)
    const served = new Set(Array.from({ length: 10_000 }, () => strategy.pick(anyone, plain)))
    expect(served.size).toBe(10_000)
  })
})
