import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { OrderedRuns } from './ordered-runs.js'
import type { Candidate } from './strategy.js'
import { acceptAll, candidates } from './testing/candidate.js'

const orderOf = (runs: OrderedRuns): number[] => {
  const orders: number[] = []
  runs.find(({ order }) => orders.push(order) === 0)
  return orders
}

describe('OrderedRuns', () => {
  it('keeps large pools in order through any additions and removals', () => {
    const all = candidates(3_000)
    // Stretches of keys that are added or removed together, forwards or backwards.
    const stretch = fc.record({
      isAdded: fc.boolean(),
      isReversed: fc.boolean(),
      from: fc.integer({ min: 0, max: 2_999 }),
      length: fc.integer({ min: 1, max: 1_500 }),
    })
    assertProperty(
      fc.property(fc.array(stretch, { maxLength: 20 }), (stretches) => {
        const runs = new OrderedRuns()
        const there = new Set<number>()
        for (const { isAdded, isReversed, from, length } of stretches) {
          const some: Candidate[] = all.slice(from, from + length)
          for (const each of isReversed ? some.toReversed() : some) {
            if (isAdded) runs.add(each)
            else runs.remove(each)
            if (isAdded) there.add(each.order)
            else there.delete(each.order)
          }
        }
        expect(orderOf(runs)).toEqual([...there].toSorted((one, other) => one - other))
      }),
    )
  })

  it('stops at the first accepted candidate', () => {
    const runs = new OrderedRuns()
    for (const each of candidates(2_000).toReversed()) runs.add(each)
    let asked = 0
    expect(runs.find(({ order }) => ++asked > 0 && order === 700)?.order).toBe(700)
    expect(asked).toBe(701)
    expect(runs.find(acceptAll)?.order).toBe(0)
  })
})
