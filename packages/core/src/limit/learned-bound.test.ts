import { describe, expect, it } from 'vitest'
import { LearnedLimit } from './learned-limit.js'
import { slidingWindow } from './testing/lone-window.js'

const minute = 60_000
const now = Date.UTC(2026, 8, 1, 12, 34, 56, 789)

/** A bound that a first refusal has set. */
const boundAt = (admitted: number): LearnedLimit =>
  LearnedLimit.atRefusal(minute, { startedAt: now, now, admitted, ended: 0 })

const refuse = (bound: LearnedLimit, at: number, admitted: number, startedAt = at): boolean =>
  bound.refuse({ startedAt, now: at, admitted, ended: 0 })

/** Lets calls press against a full window until the bound grows; gives how long that took. */
function pressUntilGrown(bound: LearnedLimit, from: number): number {
  const { value } = bound
  for (let at = from; ; at += 1_000) {
    bound.press(1, value, at)
    if (bound.value !== value) return at - from
  }
}

describe('a refusal', () => {
  it('leaves what was admitted, and at least 1', () => {
    expect(boundAt(60).value).toBe(60)
    expect(boundAt(0).value).toBe(1)
  })

  it('lowers the bound to what was admitted', () => {
    const bound = boundAt(60)
    expect(refuse(bound, now + minute, 40)).toBe(true)
    expect(bound.value).toBe(40)
  })

  it('is part of the same trouble when the call was under way at the last one', () => {
    const bound = boundAt(60)
    expect(refuse(bound, now + 500, 40, now - 1)).toBe(false)
    expect(refuse(bound, now + 500, 40, now)).toBe(false)
    expect(bound.value).toBe(60)
  })

  it('takes half at most: someone else may have used the account', () => {
    const bound = boundAt(60)
    refuse(bound, now + minute, 2)
    expect(bound.value).toBe(30)
  })

  it('takes a little when our count is no less than the bound', () => {
    const bound = boundAt(60)
    refuse(bound, now + minute, 60)
    expect(bound.value).toBe(57)
  })

  it('changes nothing when what has ended fills the bound by itself: no more was being sent', () => {
    const bound = boundAt(60)
    expect(bound.refuse({ startedAt: now + 1, now: now + 2, admitted: 70, ended: 61 })).toBe(false)
    expect(bound.value).toBe(60)
  })

  it('is believed more when others of the same burst turn out to have been refused as well', () => {
    const bound = boundAt(60)
    bound.retract(1, now - 100, now + 10)
    bound.retract(1, now - 100, now + 20)
    expect(bound.value).toBe(58)
    bound.retract(1, now + 1, now + 30)
    bound.retract(1, now - 100, now + minute)
    expect(bound.value).toBe(58)
  })

  it('cannot block for ever when the clock is set back', () => {
    const bound = boundAt(60)
    const earlier = now - 60 * minute
    refuse(bound, earlier, 30)
    expect(refuse(bound, earlier + 1, 30)).toBe(true)
  })
})

describe('what fits', () => {
  it('is what keeps to the bound, or goes alone', () => {
    const bound = boundAt(60)
    expect(bound.admits(1, 59)).toBe(true)
    expect(bound.admits(1, 60)).toBe(false)
    expect(bound.admits(500, 0)).toBe(true)
  })

  it('is known in advance: when the window has room, or when the bound will grow', () => {
    const window = slidingWindow(minute)
    window.add(60, now)
    const bound = boundAt(60)
    expect(bound.freeAt(1, window, now)).toBe(now + minute + 250)
    bound.press(1, 60, now)
    expect(bound.freeAt(1, window, now)).toBe(now + minute)
    expect(bound.freeAt(1_000, window, now)).toBe(now + minute + 250)
  })
})

describe('growth', () => {
  it('needs calls that press for a whole window, and begins with little', () => {
    const bound = boundAt(1_000)
    expect(pressUntilGrown(bound, now + 30 * minute)).toBe(minute)
    expect(bound.value).toBe(1_010)
  })

  it('is by one call at least', () => {
    const requests = boundAt(5)
    pressUntilGrown(requests, now)
    expect(requests.value).toBe(6)
    const tokens = boundAt(5_000)
    tokens.press(700, 4_900, now)
    expect(tokens.press(700, 4_900, now + minute)).toBe(true)
    expect(tokens.value).toBe(5_700)
  })

  it('doubles its step while nothing is refused', () => {
    const bound = boundAt(100)
    let at = now
    const values = Array.from({ length: 6 }, () => {
      at += pressUntilGrown(bound, at)
      return bound.value
    })
    expect(values).toEqual([101, 103, 107, 115, 131, 163])
    expect(at).toBe(now + 6 * minute)
  })

  it('waits twice as long after each try that failed where the last one did, up to an hour', () => {
    const bound = boundAt(100)
    let at = now
    const waits = Array.from({ length: 9 }, () => {
      const waitedMs = pressUntilGrown(bound, at)
      at += waitedMs + 1
      refuse(bound, at, 100)
      expect(bound.value).toBe(100)
      return waitedMs / minute
    })
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
  })

  it('has its patience back when the limit turns out to be another', () => {
    const bound = boundAt(100)
    let at = now
    for (let round = 0; round < 5; round++) {
      at += pressUntilGrown(bound, at) + 1
      refuse(bound, at, 100)
    }
    refuse(bound, at + 1, 60)
    expect(pressUntilGrown(bound, at)).toBe(minute)
  })

  it('returns to the level that held when a try goes wrong twice', () => {
    const bound = boundAt(100)
    let at = now
    for (let round = 0; round < 4; round++) at += pressUntilGrown(bound, at)
    expect(bound.value).toBe(115)
    refuse(bound, at + 1, 112)
    expect(bound.value).toBe(112)
    refuse(bound, at + 2, 111)
    expect(bound.value).toBe(107)
  })
})

it('goes on after a restart where it was', () => {
  const bound = boundAt(100)
  const at = now + pressUntilGrown(bound, now) + 1
  refuse(bound, at, 100)
  const restored = LearnedLimit.restore(minute, bound.state)
  expect(restored.state).toEqual({ value: 100, held: 100, patienceMs: 2 * minute })
  expect(restored.state).toEqual(bound.state)
  expect(pressUntilGrown(restored, at)).toBe(2 * minute)
})
