import type { Meter } from '../key/meter.js'
import { Gauge } from './gauge.js'
import { LearnedBound } from './learned-bound.js'
import { type Demand, type Limits, meterFacts, meters } from './limits.js'
import { type QuotaSnapshot, readQuotaSnapshot, type StoredGauge } from './quota-snapshot.js'
import { RecentRate } from './recent-rate.js'

export type { QuotaSnapshot } from './quota-snapshot.js'

/** What an account may use of a model. */
export interface QuotaOptions {
  /** Declared limits: rules that are never broken. Null when nothing is declared. */
  readonly limits: Limits | null
  /** Whether refusals teach bounds: guesses that are tried anew from time to time. */
  readonly learns: boolean
  /** Offset of the provider's calendar day from UTC. */
  readonly dayOffsetMs: number
}

/** A call that was counted before it ran; `settle` says what became of it. */
export interface Reservation extends Demand {
  /** When it was counted, in milliseconds since the Unix epoch. */
  readonly at: number
  isSettled: boolean
}

/** What became of a reserved call. */
export interface ReservationUse {
  /** What it really used; null when nobody knows, and the estimate stays. */
  readonly tokens: number | null
  /** The upstream did not run it, or nothing is known of it any more: all of it is taken back. */
  readonly isRefused: boolean
}

/** Shared by the many quotas that count nothing: with 100,000 of them an empty list each would be felt. */
const noGauges: readonly Gauge[] = []

/** What one account may use of one model. All instants are milliseconds since the Unix epoch. */
export class Quota {
  readonly #learns: boolean
  readonly #dayOffsetMs: number
  #limits: Limits | null = null
  #gauges: readonly Gauge[] = noGauges
  /** What was admitted of late, for the day when a first refusal comes. */
  #requests: RecentRate | null = null
  #tokens: RecentRate | null = null
  #images: RecentRate | null = null

  constructor({ limits, learns, dayOffsetMs }: QuotaOptions) {
    this.#learns = learns
    this.#dayOffsetMs = dayOffsetMs
    if (limits !== null) this.#declare(limits, Number.NEGATIVE_INFINITY)
  }

  /** A quota that goes on where `snapshot` left it. */
  static restore(options: QuotaOptions, snapshot: QuotaSnapshot, now: number): Quota {
    const quota = new Quota(options)
    for (const [meter, stored] of readQuotaSnapshot(snapshot)) quota.#restore(meter, stored, now)
    return quota
  }

  /** The declared limits. */
  get limits(): Limits | null {
    return this.#limits
  }

  /** Whether anything is declared or learned, so that there are counts worth keeping. */
  get isLimited(): boolean {
    return this.#gauges.length > 0
  }

  /** Whether it has anything that must outlive the process: a bound, or what hours and days have counted. */
  get isStored(): boolean {
    for (const { lengthMs, bound } of this.#gauges)
      if (bound !== null || lengthMs > meterFacts.RPM.lengthMs) return true
    return false
  }

  /** The learned bounds. */
  bounds(): Limits {
    const bounds: Partial<Record<Meter, number>> = {}
    for (const { meter, bound } of this.#gauges) if (bound !== null) bounds[meter] = bound.value
    return bounds
  }

  fits(demand: Demand, now: number): boolean {
    for (const gauge of this.#gauges) if (!gauge.fits(demand, now)) return false
    return true
  }

  /**
   * To be told whenever a call was held back because it did not fit: bounds grow only while demand presses against
   * them. True when one has just grown and the call fits now.
   */
  hold(demand: Demand, now: number): boolean {
    let fits = true
    for (const gauge of this.#gauges) fits = gauge.press(demand, now) && fits
    return fits
  }

  /** The earliest instant at which it may fit: `now`, or Infinity when it is more than a declared limit. */
  freeAt(demand: Demand, now: number): number {
    let freeAt = now
    for (const gauge of this.#gauges) freeAt = Math.max(freeAt, gauge.freeAt(demand, now))
    return freeAt
  }

  /** Counts one request and what it is expected to use, whether it fits or not. */
  reserve({ tokens, images }: Demand, now: number): Reservation {
    const reservation: Reservation = { tokens, images, at: now, isSettled: false }
    for (const gauge of this.#gauges) gauge.count(reservation, now)
    if (this.#learns) this.#note(1, reservation, now)
    return reservation
  }

  /** To be called once for each reservation, before `refused` when a refusal was its end. Again is harmless. */
  settle(reservation: Reservation, { tokens, isRefused }: ReservationUse, now: number): void {
    if (reservation.isSettled) return
    reservation.isSettled = true
    if (isRefused) {
      for (const gauge of this.#gauges) gauge.takeBack(reservation, reservation.at, now)
      if (this.#learns) this.#note(-1, reservation, now)
    } else {
      this.#correctTokens(reservation, tokens ?? reservation.tokens, now)
    }
  }

  /**
   * The upstream refused a call that began at `startedAt`, for too many requests when it did not say of what. Gives
   * the meter whose bound changed, null when none did.
   */
  refused(meter: Meter | undefined, startedAt: number, now: number): Meter | null {
    if (!this.#learns) return null
    const full = meter ?? 'RPM'
    return this.#gaugeOf(full, now).refuse(startedAt, now) ? full : null
  }

  /** The bounds, and the counts of hours and days; null when there is nothing worth storing. */
  snapshot(now: number): QuotaSnapshot | null {
    const stored: Partial<Record<Meter, StoredGauge>> = {}
    for (const { meter, lengthMs, bound, since, window } of this.#gauges) {
      // A minute is over before a restart is.
      const counted = lengthMs > meterFacts.RPM.lengthMs ? window.entries(now) : []
      if (bound === null && counted.length === 0) continue
      stored[meter] = { bound: bound?.state ?? null, since: Number.isFinite(since) ? since : null, counted }
    }
    return Object.keys(stored).length === 0 ? null : stored
  }

  #declare(limits: Limits, since: number): void {
    this.#limits = limits
    for (const meter of meters) {
      const limit = limits[meter]
      if (limit !== undefined) this.#gaugeOf(meter, since).limit = limit
    }
  }

  #gaugeOf(meter: Meter, now: number): Gauge {
    for (const gauge of this.#gauges) if (gauge.meter === meter) return gauge
    const rate = this.#rateOf(meter)
    // The rates know the last minute, so a minute meter has been counted for that long.
    const { lengthMs } = meterFacts[meter]
    const isKnown = this.#learns && lengthMs === meterFacts.RPM.lengthMs
    const gauge = new Gauge(meter, this.#dayOffsetMs, isKnown ? now - lengthMs : now)
    const admitted = isKnown && rate !== null ? Math.round(rate.perMinute(now)) : 0
    if (admitted > 0) gauge.window.add(admitted, now)
    this.#gauges = this.#gauges.concat(gauge)
    return gauge
  }

  #rateOf(meter: Meter): RecentRate | null {
    const { unit } = meterFacts[meter]
    return unit === 'requests' ? this.#requests : unit === 'tokens' ? this.#tokens : this.#images
  }

  #note(requests: 1 | -1, { tokens, images }: Demand, now: number): void {
    this.#requests ??= new RecentRate()
    this.#requests.add(requests, now)
    if (tokens > 0) this.#noteTokens(requests * tokens, now)
    if (images > 0) {
      this.#images ??= new RecentRate()
      this.#images.add(requests * images, now)
    }
  }

  #noteTokens(tokens: number, now: number): void {
    this.#tokens ??= new RecentRate()
    this.#tokens.add(tokens, now)
  }

  #correctTokens(reservation: Reservation, tokens: number, now: number): void {
    for (const gauge of this.#gauges) {
      if (gauge.unit === 'tokens') gauge.correct(reservation.tokens, tokens, reservation.at, now)
    }
    if (this.#learns && tokens !== reservation.tokens) this.#noteTokens(tokens - reservation.tokens, now)
  }

  #restore(meter: Meter, { bound, since, counted }: StoredGauge, now: number): void {
    const limit = this.#limits?.[meter]
    if (limit === undefined && !this.#learns) return
    const gauge = new Gauge(meter, this.#dayOffsetMs, since ?? Number.NEGATIVE_INFINITY)
    gauge.limit = limit ?? Number.POSITIVE_INFINITY
    if (bound !== null && this.#learns) gauge.bound = LearnedBound.restore(gauge.lengthMs, bound)
    for (let index = 0; index + 1 < counted.length; index += 2) {
      gauge.window.add(counted[index + 1] ?? 0, Math.min(counted[index] ?? now, now))
    }
    this.#gauges = this.#gauges.filter((other) => other.meter !== meter).concat(gauge)
  }
}
