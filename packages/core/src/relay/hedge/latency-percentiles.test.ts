import { describe, expect, it } from 'vitest'
import { LatencyPercentiles } from './latency-percentiles.js'

const times = (samples: readonly number[]): LatencyPercentiles => {
  const all = new LatencyPercentiles()
  for (const sample of samples) all.add('m', true, sample)
  return all
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

describe('the usual time to the first output', () => {
  it('is unknown until 20 calls have been measured', () => {
    expect(times(upTo(19)).usualMsFor('m', true)).toBeNull()
    expect(times(upTo(20)).usualMsFor('m', true)).toBe(19)
  })

  it('is that of 95 in 100, whatever their order', () => {
    expect(times(upTo(100)).usualMsFor('m', true)).toBe(95)
    expect(times(upTo(100).reverse()).usualMsFor('m', true)).toBe(95)
  })

  it('follows a model that becomes slower: the latest 200 count', () => {
    expect(times([...upTo(1_000).map(() => 10), ...upTo(200).map(() => 70)]).usualMsFor('m', true)).toBe(70)
  })

  it('is looked up anew when ten more have come', () => {
    const all = times(upTo(20).map(() => 10))
    expect(all.usualMsFor('m', true)).toBe(10)
    for (const sample of upTo(9).map(() => 50)) all.add('m', true, sample)
    expect(all.usualMsFor('m', true)).toBe(10)
    all.add('m', true, 50)
    expect(all.usualMsFor('m', true)).toBe(50)
  })

  it('of streams is apart from that of whole answers, and each model has its own', () => {
    const all = times(upTo(20))
    expect(all.usualMsFor('m', false)).toBeNull()
    expect(all.usualMsFor('other', true)).toBeNull()
  })

  it('is remembered of 1,000 models, of which the oldest goes', () => {
    const all = times(upTo(20))
    for (const name of upTo(1_000)) all.add(`model ${name}`, true, 1)
    expect(all.usualMsFor('m', true)).toBeNull()
  })
})
