import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../outcome/outcome.js'
import { assertProperty } from '../testing/assert-property.js'
import { type Cooldown, isInferred, nextCooldown } from './cooldown.js'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
/** 12:34:56.789 UTC on a day in September 2026, which is 20:34:56.789 in Beijing. */
const now = Date.UTC(2026, 8, 1, 12, 34, 56, 789)
const dayOffsetMs = 8 * hour

const limit = (more: Partial<Outcome> = {}): Outcome => ({ kind: 'rate-limited', fault: 'limit', ...more })
const overload: Outcome = { kind: 'upstream-error', fault: 'overload' }
const timeout: Outcome = { kind: 'timeout', fault: 'network', maybeRan: true }

interface Given {
  readonly previous?: Cooldown
  readonly at?: number
  /** How long the attempt took. */
  readonly tookMs?: number
  readonly jitter?: number
}

function cooldownAfter(
  outcome: Outcome,
  { previous, at = now, tookMs = 1, jitter = 0 }: Given = {},
): Cooldown {
  const attempt = { outcome, model: 'm', startedAt: at - tookMs }
  const cooldown = nextCooldown(previous, attempt, { now: at, jitter, dayOffsetMs })
  if (cooldown === undefined) throw new Error('no cooldown follows')
  return cooldown
}

const lengthMs = (outcome: Outcome, given: Given = {}): number =>
  cooldownAfter(outcome, given).until - (given.at ?? now)

describe('an explicit cooldown', () => {
  it('lasts as long as Retry-After says, and a little by chance, so that not all end at once', () => {
    expect(lengthMs(limit({ retryAfterMs: 7_000 }))).toBe(7_000)
    expect(lengthMs(limit({ retryAfterMs: 7_000 }), { jitter: 0.5 })).toBe(7_500)
  })

  it('is capped at half an hour, or at a day on a daily meter', () => {
    expect(lengthMs(limit({ retryAfterMs: 90 * hour }))).toBe(30 * minute)
    expect(lengthMs(limit({ retryAfterMs: 90 * hour, meter: 'RPD' }))).toBe(24 * hour)
  })

  it.each([
    ['no meter', undefined, 3_211],
    ['RPM', 'RPM', 3_211],
    ['TPM', 'TPM', 3_211],
    ['IPM', 'IPM', 3_211],
    ['RPH', 'RPH', 25 * minute + 3_211],
    ['RPD', 'RPD', 3 * hour + 25 * minute + 3_211],
    ['TPD', 'TPD', 3 * hour + 25 * minute + 3_211],
    ['IPD', 'IPD', 3 * hour + 25 * minute + 3_211],
  ] as const)('of %s ends with the window of the meter; days are Beijing’s', (_name, meter, expected) => {
    expect(lengthMs(limit(meter === undefined ? {} : { meter }))).toBe(expected)
    expect(lengthMs(limit({ retryAfterMs: 0, ...(meter && { meter }) }))).toBe(expected)
  })

  it('ends a little by chance after a window, never before its end', () => {
    for (const meter of ['RPM', 'RPH', 'RPD'] as const) {
      const earliest = lengthMs(limit({ meter }))
      const latest = lengthMs(limit({ meter }), { jitter: 0.999 })
      expect(latest).toBeGreaterThan(earliest + second)
      expect(latest).toBeLessThan(earliest + minute)
    }
  })

  it('lasts for one more window after each refusal in a row, up to ten minutes', () => {
    const lengths: number[] = []
    let previous: Cooldown | undefined
    for (let refusal = 0; refusal < 7; refusal++) {
      const at: number = previous === undefined ? now : previous.until + 1
      previous = cooldownAfter(limit(), { at, ...(previous && { previous }) })
      lengths.push(Math.floor((previous.until - at) / minute))
    }
    expect(lengths).toEqual([0, 1, 3, 7, 10, 10, 10])
  })
})

describe('an inferred cooldown', () => {
  it.each([
    ['overload', overload, 2 * second, minute],
    ['an IP block', { kind: 'upstream-error', fault: 'ip-block' } as Outcome, 2 * second, minute],
    ['a reset', { kind: 'network-error', fault: 'network', maybeRan: true } as Outcome, 2 * second, minute],
    ['a timeout', timeout, 5 * second, 2 * minute],
    ['a cut', { kind: 'truncated', fault: 'network', maybeRan: true } as Outcome, 2 * second, minute],
    ['a missing permission', { kind: 'rejected', fault: 'permission' } as Outcome, 10 * minute, 24 * hour],
  ])('begins short after %s and doubles up to a ceiling', (_name, outcome, firstMs, ceilingMs) => {
    let previous: Cooldown | undefined
    for (let strike = 0; strike < 12; strike++) {
      const at: number = previous === undefined ? now : previous.until + 1
      previous = cooldownAfter(outcome, { at, jitter: 0.5, ...(previous && { previous }) })
      expect(previous.until - at).toBe(Math.min(firstMs * 2 ** strike, ceilingMs))
      expect(previous.strikes).toBe(strike + 1)
    }
  })

  it('is a quarter shorter or longer by chance', () => {
    expect(lengthMs(overload, { jitter: 0 })).toBe(1_500)
    expect(lengthMs(overload, { jitter: 0.999 })).toBe(2_499)
  })

  it('follows overload and network faults, not a limit or a missing permission', () => {
    expect(isInferred(cooldownAfter(overload))).toBe(true)
    expect(isInferred(cooldownAfter(timeout))).toBe(true)
    expect(isInferred(cooldownAfter(limit()))).toBe(false)
    expect(isInferred(cooldownAfter({ kind: 'rejected', fault: 'permission' }))).toBe(false)
  })
})

it.each([
  ['success', { kind: 'success' }],
  ['a wrong key', { kind: 'unauthorized', fault: 'key' }],
  ['no money', { kind: 'insufficient-balance', fault: 'funds' }],
  ['the caller’s mistake', { kind: 'rejected', fault: 'caller' }],
  ['an unknown model', { kind: 'rejected', fault: 'model' }],
  ['the client’s leaving', { kind: 'aborted' }],
] as const)('no cooldown follows %s', (_name, outcome) => {
  expect(
    nextCooldown(undefined, { outcome, model: 'm', startedAt: now }, { now, jitter: 0, dayOffsetMs }),
  ).toBe(undefined)
})

describe('a running cooldown', () => {
  it('gets no strike more by calls that were under way when it began', () => {
    const previous = cooldownAfter(timeout)
    const later = now + 3 * second
    const next = cooldownAfter(timeout, { previous, at: later, tookMs: 10 * second })
    expect(next).toMatchObject({ strikes: 1, since: later, until: later + 3_750 })
  })

  it('keeps the count of strikes even when such calls end after it', () => {
    const previous = cooldownAfter(timeout)
    const after = previous.until + minute
    expect(cooldownAfter(timeout, { previous, at: after, tookMs: 5 * minute })).toMatchObject({
      strikes: 1,
      since: after,
    })
    expect(cooldownAfter(timeout, { previous, at: after, tookMs: 1 })).toMatchObject({
      strikes: 2,
      since: after,
    })
  })

  it('grows when the call that went as a last resort fails as well', () => {
    const previous = cooldownAfter(overload)
    expect(cooldownAfter(overload, { previous, at: now + second, tookMs: 1 })).toMatchObject({
      strikes: 2,
      since: now + second,
      until: now + second + 3_000,
    })
  })

  it('stays the very same object when a late refusal changes nothing', () => {
    const previous = cooldownAfter(limit({ retryAfterMs: minute }))
    expect(cooldownAfter(limit({ retryAfterMs: second }), { previous, at: now + 1, tookMs: 100 })).toBe(
      previous,
    )
  })

  it('is not shortened by an inferred one, and stays explicit', () => {
    const previous = cooldownAfter(limit({ meter: 'TPM', retryAfterMs: minute }))
    const next = cooldownAfter(timeout, { previous, at: now + 59 * second, tookMs: 2 * minute })
    expect(next).toMatchObject({ reason: 'rate-limited', meter: 'TPM', until: now + 59 * second + 3_750 })
    expect(isInferred(next)).toBe(false)
  })

  it('becomes explicit by the upstream’s word, and is not shortened by it', () => {
    const previous = cooldownAfter(timeout, { jitter: 0.999 })
    const next = cooldownAfter(limit({ retryAfterMs: second }), { previous, at: now + 1, tookMs: 100 })
    expect(next).toMatchObject({ reason: 'rate-limited', until: previous.until })
  })

  it('has the reason of the one that ends later, when both are inferred', () => {
    const previous = cooldownAfter(overload)
    expect(cooldownAfter(timeout, { previous, at: now + 1, tookMs: 100 })).toMatchObject({
      reason: 'timeout',
    })
    const long = cooldownAfter(timeout)
    expect(cooldownAfter(overload, { previous: long, at: now + 1, tookMs: 100 })).toBe(long)
  })
})

it('a cooldown never ends before now or before the running one, and at a whole millisecond', () => {
  const outcome = fc.constantFrom<Outcome>(limit(), limit({ meter: 'RPD' }), overload, timeout)
  const step = fc.record({
    outcome,
    retryAfterMs: fc.option(fc.double({ min: 0, max: 1e12, noNaN: true }), { nil: undefined }),
    waitMs: fc.nat(200_000),
    tookMs: fc.nat(400_000),
    jitter: fc.double({ min: 0, max: 0.999, noNaN: true }),
  })
  assertProperty(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      let at = now
      let previous: Cooldown | undefined
      for (const { outcome, retryAfterMs, waitMs, tookMs, jitter } of steps) {
        at += waitMs
        const asked = retryAfterMs === undefined ? outcome : { ...outcome, retryAfterMs }
        const next = cooldownAfter(asked, { at, tookMs, jitter, ...(previous && { previous }) })
        expect(next.until).toBeGreaterThanOrEqual(Math.max(at, previous?.until ?? 0))
        expect(Number.isInteger(next.until)).toBe(true)
        expect(next.since).toBeLessThanOrEqual(at)
        previous = next
      }
    }),
  )
})
