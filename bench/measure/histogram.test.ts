import { expect, test } from 'vitest'
import { Histogram } from './histogram.mjs'

test('percentiles of a histogram are exact to the width of a bucket', () => {
  const histogram = new Histogram({ widthUs: 1, rangeUs: 1000 })
  for (let us = 0.5; us < 100; us++) histogram.add(us)
  expect(histogram.count).toBe(100)
  expect(histogram.percentile(0.5)).toBe(50)
  expect(histogram.percentile(0.99)).toBe(99)
})

test('no percentile of a histogram is above the largest sample', () => {
  const histogram = new Histogram({ widthUs: 10 })
  histogram.add(12)
  expect(histogram.percentile(0.5)).toBe(12)
})

test('a histogram counts samples outside its range in the first and the last bucket', () => {
  const histogram = new Histogram({ widthUs: 10, rangeUs: 100 })
  histogram.add(-5)
  histogram.add(1_000_000)
  expect(histogram.percentile(0.5)).toBe(10)
  expect(histogram.percentile(1)).toBe(100)
})

test('a histogram without samples has no percentile', () => {
  expect(new Histogram().percentile(0.5)).toBeNaN()
})
