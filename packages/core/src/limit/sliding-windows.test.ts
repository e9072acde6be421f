import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import type { MeterWindow } from './meter-window.js'
import { slidingWindow } from './testing/lone-window.js'

const minute = 60_000
const hour = 60 * minute
const now = Date.UTC(2026, 8, 1, 12, 34, 56, 789)
/** How much longer than its length a window may count. */
const graceMs = 250 + minute / 240

const windowWith = (...additions: readonly (readonly [afterMs: number, amount: number])[]): MeterWindow => {
  const window = slidingWindow(minute)
  for (const [afterMs, amount] of additions) window.add(amount, now + afterMs)
  return window
}

describe('a sliding window', () => {
  it('counts an amount for its whole length, and hardly longer', () => {
    const window = windowWith([0, 3], [30_000, 4])
    expect(window.total(now + minute)).toBe(7)
    expect(window.total(now + minute + graceMs)).toBe(4)
    expect(window.total(now + 2 * minute)).toBe(0)
  })

  it('takes back what was added at an instant, from what was added then and from nothing else', () => {
    const window = windowWith([0, 3], [10_000, 4], [20_000, 5])
    window.takeBack(4, now + 10_000, now + 21_000)
    expect(window.total(now + 21_000)).toBe(8)
    expect(window.total(now + minute + 5_000)).toBe(5)
    expect(window.total(now + minute + 15_000)).toBe(5)
  })

  it('takes nothing back of what it has forgotten', () => {
    const window = windowWith([0, 3], [30_000, 4])
    window.takeBack(3, now, now + minute + 10_000)
    expect(window.total(now + minute + 10_000)).toBe(4)
    window.takeBack(4, now + hour, now + minute + 10_000)
    expect(window.total(now + minute + 10_000)).toBe(4)
  })

  it('is never negative, whatever is taken back', () => {
    const window = windowWith([0, 3], [10_000, 4])
    window.takeBack(50, now, now + 11_000)
    expect(window.total(now + 11_000)).toBe(4)
    expect(window.total(now + minute + 5_000)).toBe(4)
    expect(window.total(now + 2 * minute)).toBe(0)
  })

  it('never admits an amount that is more than the limit', () => {
    expect(windowWith().freeAt(6, 5, now)).toBe(Number.POSITIVE_INFINITY)
    expect(windowWith().freeAt(5, 5, now)).toBe(now)
  })

  it('lists what it holds, oldest first', () => {
    expect(windowWith([0, 3], [30_000, 4]).entries(now + 31_000)).toEqual([now, 3, now + 30_000, 4])
    expect(windowWith([0, 3]).entries(now + hour)).toEqual([])
  })

  it('holds one slot for each quarter of a second in which something happens', () => {
    const window = slidingWindow(minute)
    for (let ms = 0; ms < 5 * minute; ms += 3) window.add(1, now + ms)
    expect(window.entries(now + 5 * minute).length / 2).toBeLessThanOrEqual(243)
    expect(window.total(now + 5 * minute)).toBeGreaterThanOrEqual(20_000)
  })
})

describe('a sliding window, when the clock goes back', () => {
  it('changes nothing after a moment', () => {
    const window = windowWith([0, 3], [1_000, 4])
    window.add(5, now + 900)
    expect(window.total(now + 800)).toBe(12)
    expect(window.total(now + minute + 900)).toBe(9)
  })

  it('blocks for one length at most after an hour', () => {
    const window = windowWith([0, 3], [1_000, 4])
    const later = now - hour
    expect(window.total(later)).toBe(7)
    expect(window.freeAt(1, 7, later)).toBeLessThanOrEqual(later + minute + graceMs)
    expect(window.total(later + minute)).toBe(7)
    expect(window.total(later + minute + graceMs)).toBe(0)
  })
})

interface Step {
  readonly afterMs: number
  readonly amount: number
  readonly takesBack: boolean
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.nat(300), fc.nat(20_000), fc.nat(2 * minute)),
    amount: fc.integer({ min: 1, max: 50 }),
    takesBack: fc.boolean(),
  }),
  { maxLength: 120 },
)

it('a sliding window counts no less than a true one, and at most half a second longer', () => {
  assertProperty(
    fc.property(steps, (given) => {
      const window = slidingWindow(minute)
      const log: { at: number; amount: number }[] = []
      let at = now
      for (const { afterMs, amount, takesBack } of given) {
        at += afterMs
        const entry = log[Math.floor(log.length / 2)]
        if (takesBack && entry !== undefined && entry.at > at - minute) {
          window.takeBack(entry.amount, entry.at, at)
          entry.amount = 0
        }
        window.add(amount, at)
        log.push({ at, amount })
        const since = (from: number): number =>
          log.reduce((sum, entry) => (entry.at > from ? sum + entry.amount : sum), 0)
        expect(window.total(at)).toBeGreaterThanOrEqual(since(at - minute))
        expect(window.total(at)).toBeLessThanOrEqual(since(at - minute - graceMs))
      }
    }),
  )
})

it('a sliding window says when an amount fits: not before, and then indeed', () => {
  assertProperty(
    fc.property(
      steps,
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 1, max: 300 }),
      (given, amount, limit) => {
        const window = slidingWindow(minute)
        let at = now
        for (const step of given) {
          at += step.afterMs
          window.add(step.amount, at)
        }
        const freeAt = window.freeAt(amount, limit, at)
        expect(freeAt === Number.POSITIVE_INFINITY).toBe(amount > limit)
        if (amount > limit) return
        expect(freeAt).toBeGreaterThanOrEqual(at)
        if (freeAt > at) expect(window.total(freeAt - 1) + amount).toBeGreaterThan(limit)
        expect(window.total(freeAt) + amount).toBeLessThanOrEqual(limit)
      },
    ),
  )
})
