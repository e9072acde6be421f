import { describe, expect, it } from 'vitest'
import type { Meter } from '../outcome/meter.js'
import type { Demand, Limits } from './meters.js'
import { Quota, type QuotaOptions } from './quota.js'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const now = Date.UTC(2026, 8, 1, 12, 34, 56, 789)
const call: Demand = { tokens: 100, images: 0 }
const ended = { tokens: null, isRefused: false }
const refusal = { tokens: null, isRefused: true }

const optionsOf = (limits: Limits | null, learns = true): QuotaOptions => ({
  limits,
  learns,
  dayOffsetMs: 8 * hour,
})
const quotaOf = (limits: Limits | null, learns = true): Quota => new Quota(optionsOf(limits, learns))

/** How many of many calls at once get through. */
function admitted(quota: Quota, at: number, demand = call): number {
  let count = 0
  for (; count < 1_000 && quota.fits(demand, at); count++) quota.reserve(demand, at)
  return count
}

/** Calls that were served, then one that is refused. */
function refusedAfter(quota: Quota, calls: number, at: number, demand = call): void {
  for (let index = 0; index < calls; index++) {
    const reservation = quota.reserve(demand, at)
    quota.settle(reservation, ended, at + 1)
    quota.served(reservation, null, at + 1)
  }
  quota.settle(quota.reserve(demand, at + 2), refusal, at + 3)
}

/** Two refusals at the same level, a window apart. Returns what the second one taught. */
function taught(
  quota: Quota,
  calls: number,
  from: number,
  meter: Meter | undefined = 'RPM',
  demand = call,
  windowMs = minute,
): Meter | null {
  let meterTaught: Meter | null = null
  for (const at of [from, from + windowMs + second]) {
    for (let index = 0; index < calls; index++) {
      const reservation = quota.reserve(demand, at)
      quota.settle(reservation, ended, at + 1)
      quota.served(reservation, null, at + 1)
    }
    quota.settle(quota.reserve(demand, at + 2), refusal, at + 3)
    meterTaught = quota.refused(meter, at + 2, at + 3)
  }
  return meterTaught
}

describe('a declared limit', () => {
  it('lets exactly as many through as it says, however many come at once', () => {
    expect(admitted(quotaOf({ RPM: 100 }), now)).toBe(100)
    expect(admitted(quotaOf({ TPM: 1_050 }), now)).toBe(10)
    expect(admitted(quotaOf({ IPM: 5 }), now, { tokens: 0, images: 2 })).toBe(2)
    expect(admitted(quotaOf({ RPM: 100, TPM: 5_000, RPD: 7 }), now)).toBe(7)
  })

  it('does not block a call that takes nothing of it', () => {
    const quota = quotaOf({ TPM: 100, IPM: 0 })
    quota.reserve(call, now)
    expect(quota.fits(call, now)).toBe(false)
    expect(quota.fits({ tokens: 0, images: 0 }, now)).toBe(true)
    expect(quota.freeAt({ tokens: 0, images: 0 }, now)).toBe(now)
  })

  it('never lets through more than itself, not even alone', () => {
    expect(quotaOf({ TPM: 50 }).fits(call, now)).toBe(false)
    expect(quotaOf({ TPM: 50 }).freeAt(call, now)).toBe(Number.POSITIVE_INFINITY)
  })

  it('opens again when its window has passed; days are the provider’s', () => {
    const quota = quotaOf({ RPM: 2, RPD: 3 })
    expect(quota.freeAt(call, now)).toBe(now)
    admitted(quota, now)
    expect(quota.freeAt(call, now)).toBe(now + minute + 250)
    admitted(quota, now + 2 * minute)
    expect(quota.freeAt(call, now + 2 * minute)).toBe(Date.UTC(2026, 8, 1, 16, 0, 5))
  })

  it('is no limit when it is absent', () => {
    expect(quotaOf(null, false).freeAt(call, now)).toBe(now)
    expect(admitted(quotaOf({}, false), now)).toBe(1_000)
  })
})

describe('a reservation', () => {
  it('counts the real tokens once they are known', () => {
    const quota = quotaOf({ TPM: 1_000 })
    const small = quota.reserve({ tokens: 900, images: 0 }, now)
    expect(quota.fits(call, now)).toBe(true)
    expect(quota.fits({ tokens: 101, images: 0 }, now)).toBe(false)
    quota.settle(small, { tokens: 300, isRefused: false }, now + second)
    expect(quota.fits({ tokens: 700, images: 0 }, now + second)).toBe(true)
    expect(quota.fits({ tokens: 701, images: 0 }, now + second)).toBe(false)
    const big = quota.reserve(call, now + second)
    quota.settle(big, { tokens: 700, isRefused: false }, now + 2 * second)
    expect(quota.fits({ tokens: 1, images: 0 }, now + 2 * second)).toBe(false)
  })

  it('keeps its estimate when the real use is unknown', () => {
    const quota = quotaOf({ TPM: 150 })
    quota.settle(quota.reserve(call, now), ended, now + second)
    expect(quota.fits(call, now + second)).toBe(false)
  })

  it('counts tokens until a minute after the call ended, in case that is when they count upstream', () => {
    const quota = quotaOf({ TPM: 150 })
    quota.settle(quota.reserve(call, now), ended, now + 50 * second)
    expect(quota.fits(call, now + 100 * second)).toBe(false)
    expect(quota.freeAt(call, now + 100 * second)).toBe(now + 110 * second + 250)
  })

  it('is taken back as a whole when the upstream did not run it', () => {
    const quota = quotaOf({ RPM: 1, TPM: 100, IPD: 1 })
    const demand = { tokens: 100, images: 1 }
    const reservation = quota.reserve(demand, now)
    expect(quota.fits(demand, now)).toBe(false)
    quota.settle(reservation, refusal, now + second)
    expect(quota.fits(demand, now + second)).toBe(true)
  })

  it('is settled once: a second time changes nothing', () => {
    const quota = quotaOf({ RPM: 2, TPM: 300 })
    const reservation = quota.reserve(call, now)
    quota.reserve(call, now)
    quota.settle(reservation, refusal, now)
    quota.settle(reservation, refusal, now)
    quota.settle(reservation, { tokens: 250, isRefused: false }, now)
    expect(admitted(quota, now)).toBe(1)
  })
})

describe('a quota that learns', () => {
  it('has no level after one refusal, and takes the level of a second one that agrees', () => {
    const quota = quotaOf(null)
    refusedAfter(quota, 20, now)
    expect(quota.refused('RPM', now + 2, now + 3)).toBeNull()
    expect(quota.learnedLimits()).toEqual({})
    expect(quota.fits(call, now + 4)).toBe(true)
    const again = now + minute + second
    refusedAfter(quota, 20, again)
    expect(quota.refused('RPM', again + 2, again + 3)).toBe('RPM')
    expect(quota.learnedLimits()).toEqual({ RPM: 20 })
    expect(quota.fits(call, again + 4)).toBe(false)
    expect(quota.limits).toBeNull()
  })

  it('takes a refusal that names no meter for one of requests', () => {
    const quota = quotaOf(null)
    expect(taught(quota, 20, now, undefined)).toBe('RPM')
    expect(quota.learnedLimits()).toEqual({ RPM: 20 })
  })

  it('knows what was admitted of tokens and images', () => {
    const quota = quotaOf(null)
    const demand = { tokens: 500, images: 2 }
    taught(quota, 8, now, 'TPM', demand)
    expect(taught(quota, 8, now + 5 * minute, 'IPM', demand)).toBe('IPM')
    expect(quota.learnedLimits()).toEqual({ TPM: 4_000, IPM: 16 })
  })

  it('counts a whole hour before it learns a limit of one', () => {
    const quota = quotaOf(null)
    refusedAfter(quota, 30, now)
    expect(quota.refused('RPH', now + 2, now + 3)).toBeNull()
    expect(taught(quota, 30, now + 2 * hour, 'RPH', call, hour)).toBe('RPH')
    expect(quota.learnedLimits()).toEqual({ RPH: 30 })
  })

  it('reports no change when a refusal is part of the last overrun', () => {
    const quota = quotaOf(null)
    taught(quota, 20, now)
    const again = now + minute + second
    expect(quota.refused('RPM', again + 2, again + 4)).toBeNull()
  })

  it('learns what a burst really got, although its first refusal comes before the others', () => {
    const quota = quotaOf(null)
    const burst = Array.from({ length: 20 }, () => quota.reserve(call, now))
    for (const [index, reservation] of burst.entries()) {
      quota.settle(reservation, index < 5 ? ended : refusal, now + 100 + index)
      if (index >= 5) quota.refused('RPM', now, now + 100 + index)
    }
    expect(quota.learnedLimits()).toEqual({ RPM: 5 })
  })

  it('corrects a declared limit that is too high, and never exceeds one', () => {
    const quota = quotaOf({ RPM: 50 })
    taught(quota, 20, now)
    expect(quota.learnedLimits()).toEqual({ RPM: 20 })
    let at = now + 3 * minute
    for (let count = 0; count < 200; count++, at += minute + second) {
      for (let index = 0; index < 60; index++) {
        if (quota.fits(call, at) || quota.onBlocked(call, at)) quota.reserve(call, at)
      }
    }
    expect(quota.learnedLimits().RPM).toBeGreaterThanOrEqual(50)
    expect(admitted(quota, at)).toBe(50)
  })

  it('raises a learned limit only when calls are reported as blocked', () => {
    const quota = quotaOf(null)
    taught(quota, 3, now)
    const at = now + minute + second + 4
    expect(quota.fits(call, at)).toBe(false)
    expect(quota.onBlocked(call, at)).toBe(false)
    expect(quota.freeAt(call, at)).toBe(at + minute)
    expect(quota.fits(call, at + minute)).toBe(false)
    expect(quota.onBlocked(call, at + minute)).toBe(true)
    expect(quota.fits(call, at + minute)).toBe(true)
    expect(quota.learnedLimits()).toEqual({ RPM: 4 })
  })

  it('is not there after one refusal, which leaves more than refutes it and less than a whole queue', () => {
    const quota = quotaOf(null)
    refusedAfter(quota, 20, now)
    quota.refused('RPM', now + 2, now + 3)
    expect(quota.learnedLimits()).toEqual({})
    expect(admitted(quota, now + 4)).toBe(3 * 20 + 10 - 20)
    expect(quota.freeAt(call, now + 4)).toBeGreaterThan(now + 4)
  })

  it('is not suspected any more once more than its level was served', () => {
    const quota = quotaOf(null)
    refusedAfter(quota, 20, now)
    quota.refused('RPM', now + 2, now + 3)
    refusedAfter(quota, 24, now + 5 * second)
    expect(admitted(quota, now + 6 * second)).toBe(1_000)
  })

  it('falls with one refusal when it is nearly used up, and not for one that comes early', () => {
    for (const [calls, value] of [
      [10, 20],
      [15, 15],
    ] as const) {
      const quota = quotaOf(null)
      taught(quota, 20, now)
      const at = now + 3 * minute
      refusedAfter(quota, calls, at)
      quota.refused('RPM', at + 2, at + 3)
      expect(quota.learnedLimits()).toEqual({ RPM: value })
    }
  })

  it('is not disproved by a call in a new window of the clock, where the upstream may count anew', () => {
    const quota = quotaOf(null)
    taught(quota, 20, now)
    const nextMinute = now + minute + 10 * second
    expect(quota.fits(call, nextMinute)).toBe(false)
    quota.reserve(call, nextMinute)
    expect(quota.goBeyond(call, 1, nextMinute)).toBe(false)
    expect(quota.learnedLimits()).toEqual({ RPM: 20 })
  })

  it('is not tried while the tokens of running calls use it up, which upstreams may count at their end', () => {
    const quota = quotaOf(null)
    taught(quota, 20, now, 'TPM')
    const at = now + 5 * minute
    const calls = Array.from({ length: 20 }, () => quota.reserve(call, at))
    expect(quota.fits(call, at)).toBe(false)
    expect(quota.mayGoBeyond(call, at)).toBe(false)
    for (const running of calls) quota.settle(running, ended, at + second)
    expect(quota.mayGoBeyond(call, at + second)).toBe(true)
  })

  it('grows by a call beyond it that was served, and never beyond a declared limit', () => {
    const quota = quotaOf({ RPM: 21 })
    taught(quota, 20, now)
    const at = now + minute + second + 4
    expect(quota.mayGoBeyond(call, at)).toBe(true)
    expect(quota.goBeyond(call, 1, at)).toBe(true)
    expect(quota.fits(call, at)).toBe(true)
    quota.reserve(call, at)
    expect(quota.learnedLimits()).toEqual({ RPM: 21 })
    expect(quota.mayGoBeyond(call, at)).toBe(false)
  })

  it('lets a call that is larger than the learned limit go alone', () => {
    const quota = quotaOf(null)
    taught(quota, 1, now, 'TPM')
    const giant = { tokens: 5_000, images: 0 }
    const freeAt = quota.freeAt(giant, now + minute + second + 4)
    expect(quota.fits(giant, freeAt - 1)).toBe(false)
    expect(quota.fits(giant, freeAt)).toBe(true)
  })

  it('learns nothing where the option is off', () => {
    const quota = quotaOf(null, false)
    expect(taught(quota, 20, now)).toBeNull()
    expect(quota.fits(call, now + minute + second + 4)).toBe(true)
  })
})

describe('a snapshot of a quota', () => {
  const again = (quota: Quota, options: QuotaOptions, at: number): Quota =>
    Quota.restore(options, JSON.parse(JSON.stringify(quota.snapshot(at))), at)

  it('is empty where nothing but minutes was counted', () => {
    expect(quotaOf(null).snapshot(now)).toBeNull()
    const quota = quotaOf({ RPM: 10 })
    admitted(quota, now)
    expect(quota.snapshot(now)).toBeNull()
  })

  it('holds learned limits, hours and days', () => {
    const quota = quotaOf({ RPH: 60, RPD: 70 })
    taught(quota, 20, now)
    const later = now + 5 * minute
    const restored = again(quota, optionsOf({ RPH: 60, RPD: 70 }), later)
    expect(restored.learnedLimits()).toEqual({ RPM: 20 })
    expect(admitted(restored, later)).toBe(20)
    expect(again(restored, optionsOf({ RPD: 70 }, false), later).learnedLimits()).toEqual({})
    expect(admitted(again(restored, optionsOf({ RPD: 70 }, false), later), later)).toBe(10)
    expect(admitted(again(quota, optionsOf({ RPD: 70 }, false), later), later + day)).toBe(70)
  })

  it('holds since when an hour is counted that taught no limit yet', () => {
    const quota = quotaOf(null)
    quota.refused('RPH', now, now)
    refusedAfter(quota, 30, now + minute)
    const restored = again(quota, optionsOf(null), now + 5 * minute)
    expect(restored.refused('RPH', now + 6 * minute, now + 6 * minute)).toBeNull()
    refusedAfter(restored, 1, now + 60 * minute)
    expect(restored.refused('RPH', now + 60 * minute + 2, now + 60 * minute + 3)).toBe('RPH')
    expect(restored.learnedLimits()).toEqual({ RPH: 31 })
  })

  it('is read as far as it makes sense when another version wrote it', () => {
    const good = { bound: { value: 7, held: 0, patienceMs: minute }, since: null, counted: [] }
    const odd = {
      RPM: good,
      TPM: { ...good, bound: { value: 'many' } },
      RPH: { ...good, counted: [null] },
      RPD: null,
      TPD: 5,
      XPM: good,
    }
    const restored = Quota.restore(optionsOf(null), odd as never, now)
    expect(restored.learnedLimits()).toEqual({ RPM: 7 })
  })
})
