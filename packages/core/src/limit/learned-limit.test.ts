import { describe, expect, it } from 'vitest'
import {
  admits,
  admitsAt,
  firstLimit,
  type LearnedLimit,
  onBlocked,
  onRefused,
  onRetracted,
  restoredLimit,
  storedLimit,
} from './learned-limit.js'
import { slidingWindow } from './testing/lone-window.js'

const minute = 60_000
const now = Date.UTC(2026, 8, 1, 12, 34, 56, 789)

/** The limit that a first refusal at `now` leaves. */
const limitAt = (admitted: number): LearnedLimit =>
  firstLimit(minute, { startedAt: now, now, admitted, ended: 0 })

const refused = (limit: LearnedLimit, at: number, admitted: number, startedAt = at): LearnedLimit =>
  onRefused(limit, { startedAt, now: at, admitted, ended: 0 })

/** Blocks a call each second until the limit grows. */
function blockedUntilGrown(limit: LearnedLimit, from: number): { grown: LearnedLimit; waitedMs: number } {
  let next = limit
  for (let at = from; ; at += 1_000) {
    next = onBlocked(next, 1, at)
    if (next.value !== limit.value) return { grown: next, waitedMs: at - from }
  }
}

const grownBy = (limit: LearnedLimit, steps: number): LearnedLimit =>
  steps === 0 ? limit : grownBy(blockedUntilGrown(limit, now).grown, steps - 1)

describe('a learned limit', () => {
  const first = limitAt(100)
  const failed = refused(grownBy(first, 3), now + 1, 106)
  const failedAgain = refused(failed, now + 2, 105)

  const states = {
    first,
    blocking: onBlocked(first, 1, now),
    grown: grownBy(first, 1),
    grownTwice: grownBy(first, 2),
    failed,
    failedAgain,
    failedThrice: refused(failedAgain, now + 3, 105),
    restored: restoredLimit(minute, storedLimit(failed)),
  }

  const at = now + 10 * minute
  const lastAt = (limit: LearnedLimit): number => limit.lastRefusal?.at ?? at
  const blockedFor = (limit: LearnedLimit, lengthMs: number): LearnedLimit =>
    onBlocked(onBlocked(limit, 1, at), 1, at + lengthMs)

  const events = {
    /** Calls are blocked for a moment, for a window, for two. */
    blocked: (limit) => onBlocked(limit, 1, at),
    blockedLong: (limit) => blockedFor(limit, minute),
    blockedLonger: (limit) => blockedFor(limit, 2 * minute),
    /** A call is refused after next to nothing, after less than the limit by one, and after as much as the limit. */
    refusedEarly: (limit) => refused(limit, at, 2),
    refusedBelow: (limit) => refused(limit, at, limit.value - 1),
    refusedAtIt: (limit) => refused(limit, at, limit.value),
    /** A call is refused that was under way at the last refusal, or when ended calls fill the limit by themselves. */
    refusedLate: (limit) => refused(limit, at, 2, lastAt(limit)),
    refusedOverfull: (limit) => onRefused(limit, { startedAt: at, now: at, admitted: 2, ended: limit.value }),
    /** A call that was admitted before the last refusal is retracted, at once or after a window. */
    retracted: (limit) => onRetracted(limit, 1, lastAt(limit), lastAt(limit) + 1),
    retractedLate: (limit) => onRetracted(limit, 1, lastAt(limit), lastAt(limit) + minute),
  } satisfies Record<string, (limit: LearnedLimit) => LearnedLimit>

  const same = 'same' as const

  /** The value that each event leads to, in their order; `same` where the limit stays the very same object. */
  it.each<[keyof typeof states, ...(number | 'same')[]]>([
    ['first', 100, 101, 101, 50, 99, 95, same, same, 99, same],
    ['blocking', 101, 101, 101, 50, 99, 95, same, same, 99, same],
    ['grown', 101, 103, 103, 50, 100, 100, same, same, 101, same],
    ['grownTwice', 103, 107, 107, 51, 102, 101, same, same, 103, same],
    ['failed', 106, 106, 108, 53, 103, 103, same, same, 105, same],
    ['failedAgain', 103, 103, 105, 51, 97, 97, same, same, 103, same],
    ['failedThrice', 97, 97, 98, 48, 92, 92, same, same, 97, same],
    ['restored', 106, 106, 108, 53, 105, 103, 53, same, same, same],
  ])('in the state %s reaches the level of the table with each event', (name, ...expected) => {
    const limit = states[name]
    const values = Object.values(events).map((apply) => {
      const next = apply(limit)
      return next === limit ? 'same' : next.value
    })
    expect(values).toEqual(expected)
  })

  it('is never changed: each event gives another object', () => {
    for (const limit of Object.values(states)) {
      const before = structuredClone(limit)
      for (const apply of Object.values(events)) apply(limit)
      expect(limit).toEqual(before)
    }
  })

  it('is the same object for every call that is blocked before it may grow', () => {
    const blocking = onBlocked(first, 1, now)
    for (let ms = 0; ms < minute; ms += 1_000) expect(onBlocked(blocking, 1, now + ms)).toBe(blocking)
  })
})

describe('a refusal', () => {
  it('leaves what was admitted, and at least 1', () => {
    expect(limitAt(60).value).toBe(60)
    expect(limitAt(0).value).toBe(1)
  })

  it('lowers the learned limit to what was admitted', () => {
    expect(refused(limitAt(60), now + minute, 40).value).toBe(40)
  })

  it('changes nothing when its call was under way at the last refusal', () => {
    const limit = limitAt(60)
    expect(refused(limit, now + 500, 40, now - 1)).toBe(limit)
    expect(refused(limit, now + 500, 40, now)).toBe(limit)
  })

  it('takes half of the learned limit at most, because others may have used the account', () => {
    expect(refused(limitAt(60), now + minute, 2).value).toBe(30)
  })

  it('takes a little when our count is no less than the learned limit', () => {
    expect(refused(limitAt(60), now + minute, 60).value).toBe(57)
  })

  it('changes nothing when ended calls fill the limit by themselves: no more was being sent', () => {
    const limit = limitAt(60)
    expect(onRefused(limit, { startedAt: now + 1, now: now + 2, admitted: 70, ended: 61 })).toBe(limit)
  })

  it('lowers the limit further when other calls of the same burst turn out to have been refused as well', () => {
    const limit = limitAt(60)
    const lower = onRetracted(onRetracted(limit, 1, now - 100, now + 10), 1, now - 100, now + 20)
    expect(lower.value).toBe(58)
    expect(onRetracted(lower, 1, now + 1, now + 30)).toBe(lower)
    expect(onRetracted(lower, 1, now - 100, now + minute)).toBe(lower)
  })

  it('does not block the learning for ever when the clock is set back', () => {
    const earlier = now - 60 * minute
    const limit = refused(limitAt(60), earlier, 30)
    expect(refused(limit, earlier + 1, 30).value).not.toBe(limit.value)
  })
})

describe('a call', () => {
  it('is admitted when it keeps to the learned limit, or goes alone', () => {
    const limit = limitAt(60)
    expect(admits(limit, 1, 59)).toBe(true)
    expect(admits(limit, 1, 60)).toBe(false)
    expect(admits(limit, 500, 0)).toBe(true)
  })

  it('knows in advance when it will be admitted: when the window has space, or when the limit will grow', () => {
    const window = slidingWindow(minute)
    window.add(60, now)
    const limit = limitAt(60)
    expect(admitsAt(limit, 1, window, now)).toBe(now + minute + 250)
    const blocking = onBlocked(limit, 1, now)
    expect(admitsAt(blocking, 1, window, now)).toBe(now + minute)
    expect(admitsAt(blocking, 1_000, window, now)).toBe(now + minute + 250)
  })
})

describe('the growth of a learned limit', () => {
  it('needs calls that are blocked for a whole window, and begins with little', () => {
    const { grown, waitedMs } = blockedUntilGrown(limitAt(1_000), now + 30 * minute)
    expect(waitedMs).toBe(minute)
    expect(grown.value).toBe(1_010)
  })

  it('grows by one call at least', () => {
    expect(blockedUntilGrown(limitAt(5), now).grown.value).toBe(6)
    const tokens = onBlocked(onBlocked(limitAt(5_000), 700, now), 700, now + minute)
    expect(admits(tokens, 700, 4_900)).toBe(true)
    expect(tokens.value).toBe(5_700)
  })

  it('doubles its step while nothing is refused', () => {
    let limit = limitAt(100)
    let at = now
    const values = Array.from({ length: 6 }, () => {
      const { grown, waitedMs } = blockedUntilGrown(limit, at)
      at += waitedMs
      limit = grown
      return limit.value
    })
    expect(values).toEqual([101, 103, 107, 115, 131, 163])
    expect(at).toBe(now + 6 * minute)
  })

  it('backs off for twice as long after each refusal at the level of the last one, up to an hour', () => {
    let limit = limitAt(100)
    let at = now
    const waits = Array.from({ length: 9 }, () => {
      const { grown, waitedMs } = blockedUntilGrown(limit, at)
      at += waitedMs + 1
      limit = refused(grown, at, 100)
      expect(limit.value).toBe(100)
      return waitedMs / minute
    })
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
  })

  it('starts again with the shortest backoff when the limit turns out to be another', () => {
    let limit = limitAt(100)
    let at = now
    for (let round = 0; round < 5; round++) {
      const { grown, waitedMs } = blockedUntilGrown(limit, at)
      at += waitedMs + 1
      limit = refused(grown, at, 100)
    }
    limit = refused(limit, at + 1, 60)
    expect(blockedUntilGrown(limit, at).waitedMs).toBe(minute)
  })

  it('returns to the proven limit when it is refused twice', () => {
    let limit = limitAt(100)
    let at = now
    for (let round = 0; round < 4; round++) {
      const { grown, waitedMs } = blockedUntilGrown(limit, at)
      at += waitedMs
      limit = grown
    }
    expect(limit.value).toBe(115)
    limit = refused(limit, at + 1, 112)
    expect(limit.value).toBe(112)
    limit = refused(limit, at + 2, 111)
    expect(limit.value).toBe(107)
  })
})

it('a restored limit goes on where the stored one was', () => {
  const { grown, waitedMs } = blockedUntilGrown(limitAt(100), now)
  const at = now + waitedMs + 1
  const stored = storedLimit(refused(grown, at, 100))
  const restored = restoredLimit(minute, stored)
  expect(stored).toEqual({ value: 100, held: 100, patienceMs: 2 * minute })
  expect(storedLimit(restored)).toEqual(stored)
  expect(blockedUntilGrown(restored, at).waitedMs).toBe(2 * minute)
})
