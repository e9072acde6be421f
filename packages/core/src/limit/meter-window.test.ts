import { expect, it } from 'vitest'
import { tokenWindow } from './testing/lone-window.js'

const minute = 60_000
const now = Date.UTC(2026, 8, 1, 12, 34, 56, 789)

it('a window of tokens counts a call once while it runs and when it has just ended', () => {
  const window = tokenWindow(minute)
  window.add(100, now)
  window.end(100, now + 10_000)
  expect(window.total(now + 10_000)).toBe(100)
  expect(window.ended(now + 10_000)).toBe(100)
})

it('a window of tokens still counts a call that began long ago and ended less than a minute ago', () => {
  const window = tokenWindow(minute)
  window.add(100, now)
  window.end(100, now + 50_000)
  expect(window.total(now + 90_000)).toBe(100)
  expect(window.freeAt(100, 150, now + 90_000)).toBe(now + 110_250)
  expect(window.total(now + 110_250)).toBe(0)
})

it('a window of tokens takes back what never ran', () => {
  const window = tokenWindow(minute)
  window.add(100, now)
  window.takeBack(100, now, now + 1)
  expect(window.total(now + 1)).toBe(0)
})

it('a window of tokens lists what has begun', () => {
  const window = tokenWindow(minute)
  window.add(100, now)
  expect(window.entries(now)).toEqual([now, 100])
  expect(window.startOf(now)).toBe(now - minute)
})
