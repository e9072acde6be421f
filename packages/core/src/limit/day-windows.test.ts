import { describe, expect, it } from 'vitest'
import type { MeterWindow } from './meter-window.js'
import { dayWindow } from './testing/lone-window.js'

const second = 1_000
const hour = 3_600 * second
const day = 24 * hour
const beijing = 8 * hour
/** Midnight in Beijing. */
const midnight = Date.UTC(2026, 8, 1, 16)
const noon = midnight + 12 * hour

const windowWith = (...additions: readonly (readonly [at: number, amount: number])[]): MeterWindow => {
  const window = dayWindow(beijing)
  for (const [at, amount] of additions) window.add(amount, at)
  return window
}

describe('a window of a calendar day', () => {
  it('counts from midnight where the provider lives', () => {
    const window = windowWith([midnight - hour, 5], [midnight + hour, 7])
    expect(window.total(noon)).toBe(7)
    expect(window.startOf(noon)).toBe(midnight)
    expect(window.total(midnight + day + hour)).toBe(0)
  })

  it('still counts yesterday for a few seconds, because two clocks are never the same', () => {
    const window = windowWith([midnight - hour, 5])
    expect(window.total(midnight + 4 * second)).toBe(5)
    window.add(2, midnight + 4 * second)
    expect(window.total(midnight + 4 * second)).toBe(7)
    expect(window.total(midnight + 5 * second)).toBe(2)
  })

  it('says when an amount fits', () => {
    const window = windowWith([noon, 5])
    expect(window.freeAt(3, 8, noon)).toBe(noon)
    expect(window.freeAt(4, 8, noon)).toBe(midnight + day + 5 * second)
    expect(window.freeAt(9, 8, noon)).toBe(Number.POSITIVE_INFINITY)
    expect(window.freeAt(4, 8, midnight + day + second)).toBe(midnight + day + 5 * second)
    window.add(6, midnight + day + second)
    expect(window.freeAt(4, 8, midnight + day + second)).toBe(midnight + 2 * day + 5 * second)
  })

  it('takes back from the day on which it was counted, and never below zero', () => {
    const window = windowWith([midnight - hour, 5], [midnight + second, 2])
    window.takeBack(5, midnight - hour, midnight + 2 * second)
    expect(window.total(midnight + 2 * second)).toBe(2)
    window.takeBack(9, midnight + second, noon)
    expect(window.total(noon)).toBe(0)
    window.takeBack(9, midnight - 3 * day, noon)
    expect(window.total(noon)).toBe(0)
  })

  it('lists what it holds', () => {
    expect(windowWith([noon, 5]).entries(noon)).toEqual([midnight, 5])
    expect(windowWith([noon, 5]).entries(noon + day)).toEqual([])
  })
})

describe('a window of a calendar day, when the clock goes back', () => {
  it('loses nothing over midnight', () => {
    const window = windowWith([midnight - hour, 5], [midnight + 10 * second, 2])
    expect(window.total(midnight - second)).toBe(7)
    expect(window.total(noon)).toBe(0)
  })

  it('counts what was counted last, as of today, after days', () => {
    const window = windowWith([noon + 40 * day, 5])
    expect(window.total(noon)).toBe(5)
    expect(window.total(noon + day)).toBe(0)
  })
})
