import { describe, expect, it } from 'vitest'
import { RecentUse, unitColumn } from './recent-use.js'

const minute = 60_000
/** The start of a minute. */
const start = Date.UTC(2026, 8, 1, 12, 34)

/** One row of requests. */
class Rate {
  readonly #use = new RecentUse()
  readonly #row = this.#use.open()

  add(amount: number, now: number): void {
    this.#use.add(this.#row, unitColumn.requests, amount, now)
  }

  perMinute(now: number): number {
    return this.#use.perMinute(this.#row, unitColumn.requests, now)
  }
}

const rateOf = (...additions: readonly (readonly [afterMs: number, amount: number])[]): Rate => {
  const rate = new Rate()
  for (const [afterMs, amount] of additions) rate.add(amount, start + afterMs)
  return rate
}

describe('a recent rate', () => {
  it('is nothing before anything has happened', () => {
    expect(rateOf().perMinute(start)).toBe(0)
  })

  it('counts the running minute, and of the one before it the part that is not a minute ago', () => {
    const rate = rateOf([0, 40], [minute + 1_000, 10])
    expect(rate.perMinute(start + minute + 15_000)).toBe(10 + 40 * 0.75)
    expect(rate.perMinute(start + 2 * minute)).toBe(10)
  })

  it('forgets older minutes', () => {
    expect(rateOf([0, 40]).perMinute(start + 2 * minute)).toBe(0)
    expect(rateOf([0, 40]).perMinute(start + 99 * minute)).toBe(0)
  })

  it('stays close to a steady flow', () => {
    const rate = new Rate()
    for (let ms = 0; ms < 3 * minute; ms += 100) rate.add(1, start + ms)
    for (let ms = 0; ms < minute; ms += 7_000) {
      const at = start + 3 * minute + ms
      expect(rate.perMinute(at) / (600 * (1 - ms / minute))).toBeCloseTo(1, 1)
    }
  })

  it('is never negative, whatever is taken back', () => {
    expect(rateOf([0, 5], [minute + 30_000, -5]).perMinute(start + minute + 30_000)).toBe(0)
  })

  it('loses nothing when the clock is set back', () => {
    const rate = rateOf([0, 40], [minute, 2])
    expect(rate.perMinute(start - 60 * minute)).toBe(42)
    expect(rate.perMinute(start - 58 * minute)).toBe(0)
  })
})
