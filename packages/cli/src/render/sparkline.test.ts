import { expect, it } from 'vitest'
import { sparkline } from './sparkline.js'

it.each<[readonly number[], number, string]>([
  [[0, 1, 2, 3, 4, 5, 6, 7, 8], 20, ' ▂▃▄▅▆▇██'],
  [[1], 20, '█'],
  [[1, 1, 1, 1], 2, '██'],
  [[0, 0, 0, 8, 0, 0], 3, ' █ '],
  [[1_000, 1], 2, '█▁'],
])('%j in %i letters is %j', (values, width, line) => {
  expect(sparkline(values, width)).toBe(line)
})

it('nothing, or nothing but zeros, is no line', () => {
  expect([sparkline([], 10), sparkline([0, 0], 10)]).toEqual(['', ''])
})
