import fc from 'fast-check'
import { expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { ByteReader } from './byte-reader.js'
import { ByteWriter } from './byte-writer.js'
import { bucketOf, LatencySketch } from './latency-sketch.js'

const milliseconds = fc.double({ min: 0.02, max: 3_600_000, noNaN: true })
const lists = fc.array(milliseconds, { minLength: 1, maxLength: 300 })

const sketchOf = (values: readonly number[]): LatencySketch => {
  const sketch = new LatencySketch()
  for (const value of values) sketch.add(bucketOf(value))
  return sketch
}

/** The value that a share of all do not exceed. */
const exact = (values: readonly number[], share: number): number =>
  values.toSorted((one, other) => one - other)[Math.max(1, Math.ceil(share * values.length)) - 1] ?? 0

it('every percentile of a sketch is at most 5 % away from the exact one', () => {
  assertProperty(
    fc.property(lists, fc.constantFrom(0.01, 0.5, 0.9, 0.95, 0.99, 1), (values, share) => {
      const wanted = exact(values, share)
      const told = sketchOf(values).percentile(share) ?? 0
      expect(Math.abs(told - wanted) / wanted).toBeLessThanOrEqual(0.05)
    }),
  )
})

it('sketches add up to the sketch of all, in any order', () => {
  assertProperty(
    fc.property(lists, lists, (one, other) => {
      const forth = sketchOf(one)
      forth.merge(sketchOf(other))
      const back = sketchOf(other)
      back.merge(sketchOf(one))
      const all = sketchOf([...one, ...other])
      for (const share of [0.1, 0.5, 0.95, 0.99])
        expect([forth.percentile(share), back.percentile(share)]).toEqual(
          Array(2).fill(all.percentile(share)),
        )
      expect(forth.count).toBe(all.count)
    }),
  )
})

it('a sketch comes back from its bytes as it was', () => {
  assertProperty(
    fc.property(lists, (values) => {
      const writer = new ByteWriter()
      sketchOf(values).write(writer)
      const copy = new LatencySketch()
      copy.read(new ByteReader(writer.bytes()))
      const again = new ByteWriter()
      copy.write(again)
      expect(again.bytes()).toEqual(writer.bytes())
      expect(copy.percentile(0.5)).toBe(sketchOf(values).percentile(0.5))
    }),
  )
})

it.each([0, -1, Number.NaN, -0])('a length of time of %s counts as none', (value) => {
  expect(sketchOf([value]).percentile(0.5)).toBe(0)
})

it('a length of time without end counts as the longest, some nine hours', () => {
  expect(sketchOf([Number.POSITIVE_INFINITY]).percentile(0.5)).toBeGreaterThan(32_400_000)
})

it('an empty sketch has no percentile', () => {
  expect(new LatencySketch().percentile(0.5)).toBeNull()
})

it('a thousand requests of usual lengths take less than 120 bytes', () => {
  const writer = new ByteWriter()
  sketchOf(Array.from({ length: 1_000 }, (_, index) => 200 + ((index * 37) % 1_000) * 4)).write(writer)
  expect(writer.bytes().length).toBeLessThan(120)
})
