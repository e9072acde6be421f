import { expect, test } from 'vitest'
import { median, pairedRatio, percentile, slope, summarise } from './statistics.mjs'

test('the median of an odd number of samples is the middle one, of an even number the mean of two', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([])).toBeNaN()
})

test('percentiles are of the nearest rank and need no order', () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(percentile(samples, 0)).toBe(1)
  expect(percentile(samples, 0.5)).toBe(50)
  expect(percentile(samples, 0.99)).toBe(99)
  expect(percentile(samples, 1)).toBe(100)
  expect(percentile([7], 0.99)).toBe(7)
})

test('a summary keeps the extremes', () => {
  expect(summarise([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 })
})

test('a round in which the machine was slow for both does not change the ratio', () => {
  expect(pairedRatio([30, 300, 33], [20, 200, 22])).toBe(1.5)
  expect(pairedRatio([30], [])).toBeNaN()
})

test('the samples are left as they were', () => {
  const samples = Object.freeze([3, 1, 2])
  expect([median(samples), percentile(samples, 0.5)]).toEqual([2, 2])
})

test('the slope of a line is its own, noise on both sides of it takes nothing away', () => {
  const line = Array.from({ length: 10 }, (_, at) => ({ at, value: 3 - 2 * at }))
  expect(slope(line)).toBeCloseTo(-2)
  const noise = [1, -1, -1, 1]
  expect(slope(noise.map((value, at) => ({ at, value })))).toBeCloseTo(0)
  expect(slope([{ at: 1, value: 1 }])).toBeNaN()
})
