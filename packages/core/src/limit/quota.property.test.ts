import fc from 'fast-check'
import { expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import type { Demand, Limits } from './meters.js'
import { Quota, type QuotaOptions, type Reservation } from './quota.js'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const start = Date.UTC(2026, 8, 1, 12, 34, 56, 789)
const dayOffsetMs = 8 * hour

interface Step {
  readonly afterMs: number
  readonly demand: Demand
  /** Which open reservation is settled before, if any, and how: the share of its estimate that was used. */
  readonly settles: number
  readonly usedShare: number | null
  readonly isRefused: boolean
  readonly isReported: boolean
}

const steps = fc.array(
  fc.record<Step>({
    afterMs: fc.oneof(fc.nat(50), fc.nat(5_000), fc.nat(hour), fc.integer({ min: -2_000, max: 0 })),
    demand: fc.record({ tokens: fc.nat(400), images: fc.nat(2) }),
    settles: fc.nat(12),
    usedShare: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    isRefused: fc.boolean(),
    isReported: fc.boolean(),
  }),
  { maxLength: 150 },
)

const limit = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max })
const limitsOf: fc.Arbitrary<Limits> = fc.record(
  { RPM: limit(20), RPH: limit(60), RPD: limit(100), TPM: limit(2_000), TPD: limit(20_000), IPM: limit(10) },
  { requiredKeys: [] },
)

interface Entry {
  readonly at: number
  readonly reservation: Reservation
  tokens: number
  isTaken: boolean
}

/** Sends whatever fits, and keeps an exact log beside the quota. */
class Run {
  readonly quota: Quota
  readonly log: Entry[] = []
  readonly options: QuotaOptions
  now = start

  constructor(limits: Limits | null, learns: boolean) {
    this.options = { limits, learns, dayOffsetMs }
    this.quota = new Quota(this.options)
  }

  step({ afterMs, demand, settles, usedShare, isRefused, isReported }: Step): boolean {
    this.now += afterMs
    const { quota, now } = this
    const entry = this.log[this.log.length - 1 - settles]
    if (entry !== undefined && !entry.reservation.isSettled) {
      const tokens = usedShare === null ? null : Math.round(usedShare * entry.tokens)
      quota.settle(entry.reservation, { tokens, isRefused }, now)
      if (isRefused) entry.isTaken = true
      else entry.tokens = tokens ?? entry.tokens
      if (isRefused && isReported) quota.refused(undefined, entry.at, now)
    }
    if (!quota.fits(demand, now) && !quota.onBlocked(demand, now)) return false
    const reservation = quota.reserve(demand, now)
    this.log.push({ at: now, reservation, tokens: demand.tokens, isTaken: false })
    return true
  }

  /** What the log says was admitted since then. */
  since(from: number, amountOf: (entry: Entry) => number): number {
    return this.log.reduce(
      (sum, entry) => (entry.at > from && !entry.isTaken ? sum + amountOf(entry) : sum),
      0,
    )
  }
}

const forward = (given: readonly Step[]): Step[] =>
  given.map((step) => ({ ...step, afterMs: Math.abs(step.afterMs) }))

it('a quota never admits more than a declared limit in any true window', () => {
  assertProperty(
    fc.property(limitsOf, fc.boolean(), steps, (limits, learns, given) => {
      const run = new Run(limits, learns)
      for (const step of forward(given)) {
        if (!run.step(step)) continue
        const { now } = run
        const midnight = now - ((now + dayOffsetMs) % day) - 1
        const within = (value: number | undefined, used: number): void =>
          expect(used).toBeLessThanOrEqual(value ?? Number.POSITIVE_INFINITY)
        // What takes nothing of a meter is not its concern, so only meters that this step used are looked at.
        within(
          limits.RPM,
          run.since(now - minute, () => 1),
        )
        within(
          limits.RPH,
          run.since(now - hour, () => 1),
        )
        within(
          limits.RPD,
          run.since(midnight, () => 1),
        )
        if (step.demand.tokens > 0)
          within(
            limits.TPM,
            run.since(now - minute, ({ tokens }) => tokens),
          )
        if (step.demand.tokens > 0)
          within(
            limits.TPD,
            run.since(midnight, ({ tokens }) => tokens),
          )
        within(
          limits.IPM,
          run.since(now - minute, ({ reservation }) => reservation.images),
        )
      }
    }),
  )
})

it('a quota says when a call fits: not before, and then indeed', () => {
  assertProperty(
    fc.property(limitsOf, fc.boolean(), steps, (limits, learns, given) => {
      const run = new Run(limits, learns)
      for (const step of given) run.step(step)
      const { quota, now } = run
      const demand = { tokens: 100, images: 1 }
      if (quota.fits(demand, now) || quota.onBlocked(demand, now)) return
      const freeAt = quota.freeAt(demand, now)
      expect(freeAt).toBeGreaterThan(now)
      const fitsAt = (at: number): boolean => quota.fits(demand, at) || quota.onBlocked(demand, at)
      expect(fitsAt(freeAt - 1)).toBe(false)
      if (freeAt < Number.POSITIVE_INFINITY) expect(fitsAt(freeAt)).toBe(true)
    }),
  )
})

it('a quota counts nothing any more when everything was taken back, even if it was settled twice', () => {
  assertProperty(
    fc.property(limitsOf, steps, fc.boolean(), (limits, given, learns) => {
      const run = new Run(limits, learns)
      for (const step of given) run.step({ ...step, isRefused: true, isReported: false })
      const { quota } = run
      for (const { reservation } of run.log)
        quota.settle(reservation, { tokens: null, isRefused: true }, run.now)
      for (const { reservation } of run.log)
        quota.settle(reservation, { tokens: 9_999, isRefused: false }, run.now)
      // Nothing may be left on either side of zero: exactly the limits fit afterwards, no more and no less.
      const later = run.now + 2 * day
      let count = 0
      while (count < 500 && quota.fits({ tokens: 0, images: 0 }, later)) {
        quota.reserve({ tokens: 0, images: 0 }, later)
        count += 1
      }
      expect(count).toBe(Math.min(limits.RPM ?? 500, limits.RPH ?? 500, limits.RPD ?? 500))
    }),
  )
})

it('a quota is the same after a snapshot and a restart', () => {
  assertProperty(
    fc.property(limitsOf, steps, (limits, given) => {
      const run = new Run(limits, true)
      for (const step of forward(given)) run.step(step)
      const { now } = run
      const snapshot = run.quota.snapshot(now)
      if (snapshot === null) return
      const restored = Quota.restore(run.options, JSON.parse(JSON.stringify(snapshot)), now)
      expect(restored.snapshot(now)).toEqual(snapshot)
      expect(restored.learnedLimits()).toEqual(run.quota.learnedLimits())
    }),
  )
})
