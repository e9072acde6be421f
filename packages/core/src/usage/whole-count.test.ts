import { expect, it } from 'vitest'
import { wholeCount } from './whole-count.js'

it.each([
  [undefined, 0],
  [-1, 0],
  [Number.NaN, 0],
  [2.5, 3],
  [7, 7],
  [1e300, 1_000_000_000],
])('wholeCount(%s) is %i', (count, whole) => {
  expect(wholeCount(count)).toBe(whole)
})
