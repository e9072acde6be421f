import { expect, it } from 'vitest'
import { isAboveZero } from './is-above-zero.js'

it.each([
  ['0', false],
  ['0.00', false],
  ['-1', false],
  ['0.000001', true],
  ['10', true],
])('isAboveZero(%j) is %s', (amount, isMore) => {
  expect(isAboveZero(amount)).toBe(isMore)
})
