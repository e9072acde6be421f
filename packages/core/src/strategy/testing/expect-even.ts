import { expect } from 'vitest'
import type { Candidate } from '../strategy.js'

/**
 * Asserts that all keys, and no others, served about equally often: Pearson's chi-square is within six standard
 * deviations of its mean, the degrees of freedom.
 */
export function expectEven(counts: Readonly<Record<string, number>>, all: readonly Candidate[]): void {
  const ids = all.map(({ id }) => id)
  expect(Object.keys(counts).toSorted()).toEqual(ids.toSorted())
  const share = Object.values(counts).reduce((sum, count) => sum + count, 0) / ids.length
  const chiSquare = ids.reduce((sum, id) => sum + ((counts[id] ?? 0) - share) ** 2 / share, 0)
  const freedom = ids.length - 1
  expect(chiSquare).toBeLessThan(freedom + 6 * Math.sqrt(2 * freedom))
}
