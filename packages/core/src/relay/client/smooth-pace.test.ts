import { describe, expect, it } from 'vitest'
import { SmoothPace } from './smooth-pace.js'

/** The pace after text has come with these gaps, as the time in which the waiting text is sent. */
function horizonAfter(gaps: readonly number[], factor = 0.5): number {
  const pace = new SmoothPace(factor, 1_000)
  let now = 0
  pace.arrived(now)
  for (const gap of gaps) {
    now += gap
    pace.arrived(now)
  }
  return pace.intervalFor(1)
}

const times = (count: number, gap: number): number[] => Array(count).fill(gap)

describe('SmoothPace', () => {
  it('sends waiting text at once before anything is known', () => {
    expect(horizonAfter([])).toBe(0)
  })

  it.each([5, 40, 300])('sends waiting text until more is due, for text that comes every %i ms', (gap) => {
    expect(horizonAfter(times(20, gap))).toBeCloseTo(gap)
  })

  it('takes a little longer when text comes unevenly', () => {
    const uneven = horizonAfter([20, 180, 20, 180, 20, 180])
    expect(uneven).toBeGreaterThan(110)
    expect(uneven).toBeLessThan(260)
  })

  it('keeps nearly the same pace behind a pause', () => {
    expect(horizonAfter([...times(20, 40), 900])).toBeLessThan(120)
    expect(horizonAfter([...times(20, 40), 900, ...times(3, 40)])).toBeLessThan(70)
  })

  it('follows a pace that has changed', () => {
    expect(horizonAfter([...times(20, 40), ...times(8, 400)])).toBeGreaterThan(350)
    expect(horizonAfter([...times(20, 400), ...times(6, 40)])).toBeLessThan(80)
  })

  it('never takes more than the longest delay', () => {
    expect(horizonAfter(times(20, 60_000))).toBe(1_000)
  })

  it('gives no negative interval when time goes back', () => {
    const pace = new SmoothPace(0.5, 1_000)
    for (const at of [1_000, 1_040, 0, 40]) pace.arrived(at)
    expect(pace.intervalFor(1)).toBeGreaterThanOrEqual(0)
  })
})

it('SmoothPace divides the time among the waiting characters', () => {
  const pace = new SmoothPace(0.5, 1_000)
  for (const at of [0, 100, 200]) pace.arrived(at)
  expect(pace.intervalFor(20)).toBeCloseTo(5)
})
