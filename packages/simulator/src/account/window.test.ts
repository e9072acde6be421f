import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createWindow } from './window.js'

const minuteMs = 60_000

test('a sliding window drops each amount a minute after it was added', () => {
  const window = createWindow('sliding', minuteMs)
  window.add(1, 0)
  window.add(2, 30_000)
  expect(window.total(59_999)).toBe(3)
  expect(window.total(60_000)).toBe(2)
  expect(window.total(90_000)).toBe(0)
})

test('a sliding window reports when its oldest amount leaves', () => {
  const window = createWindow('sliding', minuteMs)
  expect(window.resetMs(0)).toBe(0)
  window.add(1, 10_000)
  expect(window.resetMs(30_000)).toBe(40_000)
})

test('a fixed window starts again at each full minute', () => {
  const window = createWindow('fixed', minuteMs)
  window.add(5, 59_000)
  expect(window.total(59_999)).toBe(5)
  expect(window.resetMs(59_000)).toBe(1000)
  expect(window.total(60_000)).toBe(0)
})

test('a correction applies where the amount was counted, and not to dropped amounts', () => {
  for (const kind of ['sliding', 'fixed'] as const) {
    const window = createWindow(kind, minuteMs)
    const slot = window.add(100, 0)
    window.amend(slot, -60, 1000)
    expect(window.total(2000)).toBe(40)
    window.amend(slot, -1000, 61_000)
    expect(window.total(61_000)).toBe(0)
  }
})

test('a sliding window never counts more than a plain list of the last minute, except for its grain', () => {
  const grainMs = 10
  const steps = fc.array(fc.tuple(fc.nat({ max: 5000 }), fc.nat({ max: 9 })), { maxLength: 200 })
  fc.assert(
    fc.property(steps, (amounts) => {
      const window = createWindow('sliding', minuteMs)
      const list: { at: number; amount: number }[] = []
      let now = 0
      for (const [pause, amount] of amounts) {
        now += pause
        window.add(amount, now)
        list.push({ at: now, amount })
        const sum = (after: number): number =>
          list.filter(({ at }) => at > after).reduce((total, entry) => total + entry.amount, 0)
        expect(window.total(now)).toBeLessThanOrEqual(sum(now - minuteMs))
        expect(window.total(now)).toBeGreaterThanOrEqual(sum(now - minuteMs + grainMs))
      }
    }),
  )
})
