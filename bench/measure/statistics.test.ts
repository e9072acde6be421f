import { expect, test } from 'vitest'
import { median, pairedRatio, percentile, slope, summarise } from './statistics.mjs'

test('median returns the middle sample, or the mean of the middle two', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([])).toBeNaN()
})

test('percentile uses the nearest rank and accepts unsorted samples', () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(percentile(samples, 0)).toBe(1)
  expect(percentile(samples, 0.5)).toBe(50)
  expect(percentile(samples, 0.99)).toBe(99)
  expect(percentile(samples, 1)).toBe(100)
  expect(percentile([7], 0.99)).toBe(7)
})

test('summarise contains the smallest and the largest sample', () => {
  expect(summarise([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 })
})

test('pairedRatio does not change when the machine is slow for both samples of a round', () => {
  expect(pairedRatio([30, 300, 33], [20, 200, 22])).toBe(1.5)
  expect(pairedRatio([30], [])).toBeNaN()
})

test('the statistics functions do not change the samples', () => {
  const samples = Object.freeze([3, 1, 2])
  expect([median(samples), percentile(samples, 0.5)]).toEqual([2, 2])
})

test('slope returns the slope of a line despite symmetric noise', () => {
  const line = Array.from({ length: 10 }, (_, at) => ({ at, value: 3 - 2 * at }))
  expect(slope(line)).toBeCloseTo(-2)
  const noise = [1, -1, -1, 1]
  expect(slope(noise.map((value, at) => ({ at, value })))).toBeCloseTo(0)
  expect(slope([{ at: 1, value: 1 }])).toBeNaN()
})
