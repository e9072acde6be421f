import type { Meter } from '../outcome/meter.js'
import { LearnedLimit } from './learned-limit.js'
import { MeterLimit } from './meter-limit.js'
import { type Demand, type Limits, meterFacts, meters } from './meters.js'
import { type QuotaSnapshot, readQuotaSnapshot, type StoredMeterLimit } from './quota-snapshot.js'
import { QuotaTable, type QuotaTableOptions } from './quota-table.js'

export type { QuotaSnapshot } from './quota-snapshot.js'

/** What an account may use of a model. */
export interface QuotaOptions extends QuotaTableOptions {
  /** Declared limits: rules that are never broken. Null when nothing is declared. */
  readonly limits: Limits | null
  /** Where it counts, together with others of the same options. @default by itself */
  readonly table?: QuotaTable
}

/** A call that was counted before it ran; `settle` says what became of it. */
export interface Reservation extends Demand {
  /** When it was counted, in milliseconds since the Unix epoch. */
  readonly startedAt: number
  isSettled: boolean
}

/** What became of a reserved call. */
export interface ReservationUse {
  /** What it really used; null when nobody knows, and the estimate stays. */
  readonly tokens: number | null
  /** The upstream did not run it, or nothing is known of it any more: all of it is taken back. */
  readonly isRefused: boolean
}

/** Wants to know where a quota counts. */
export interface BlockListener {
  /** `place` is what was given to `tell`. */
  onBlock(quota: Quota, place: number): void
}

/**
 * What one account may use of one model. All instants are milliseconds since the Unix epoch. What is counted stands in
 * the pool's tallies; beside it there are bounds, for the few accounts that have been refused.
 */
export class Quota {
  readonly limits: Limits | null
  readonly #learns: boolean
  readonly #table: QuotaTable
  #block: number
  /** Who is told when it counts somewhere else. */
  #listener: BlockListener | null = null
  #place = 0
  /** Made when they are first needed: while nothing is learned, the tallies say all there is to say. */
  #meterLimits: MeterLimit[] | null = null
  /** Whether it has anything that must outlive the process: a bound, or what hours and days have counted. */
  isStored = false

  constructor({
    limits,
    learns,
    dayOffsetMs,
    table = new QuotaTable({ learns, dayOffsetMs }),
  }: QuotaOptions) {
    this.limits = limits
    this.#learns = learns
    this.#table = table
    this.#block = table.open()
    const declared = limits === null ? [] : meters.filter((meter) => limits[meter] !== undefined)
    if (declared.length > 0) this.#count(declared)
    for (const meter of declared) table.setCeiling(this.#block, meter, this.#limitOf(meter))
  }

  /** A quota that goes on where `snapshot` left it. */
  static restore(options: QuotaOptions, snapshot: QuotaSnapshot, now: number): Quota {
    const quota = new Quota(options)
    for (const [meter, stored] of readQuotaSnapshot(snapshot)) quota.#restore(meter, stored, now)
    return quota
  }

  /** Where it counts, for whoever goes there directly; 0 once it is forgotten. */
  get block(): number {
    return this.#block
  }

  /** Tells that one, and no other any more, where it counts: now, and whenever that changes. */
  tell(listener: BlockListener, place: number): void {
    this.#listener = listener
    this.#place = place
    listener.onBlock(this, place)
  }

  /** Whether anything is declared or learned, so that there are counts worth keeping. */
  get isLimited(): boolean {
    return this.#block !== 0 && this.#table.metersOf(this.#block).length > 0
  }

  /** The learned bounds. */
  bounds(): Limits {
    const bounds: Partial<Record<Meter, number>> = {}
    for (const { meter, bound } of this.#meterLimits ?? []) if (bound !== null) bounds[meter] = bound.value
    return bounds
  }

  fits(demand: Demand, now: number): boolean {
    if (this.#block === 0 || this.#table.fits(this.#block, demand, now)) return true
    return this.#meterLimits?.every((meterLimit) => meterLimit.fits(demand, now)) ?? false
  }

  /**
   * To be told whenever a call was held back because it did not fit: bounds grow only while demand presses against
   * them. True when one has just grown and the call fits now.
   */
  hold(demand: Demand, now: number): boolean {
    if (this.#meterLimits === null) return this.fits(demand, now)
    let fits = true
    for (const meterLimit of this.#meterLimits) {
      fits = meterLimit.press(demand, now) && fits
      this.#keepTo(meterLimit)
    }
    return fits
  }

  /** The earliest instant at which it may fit: `now`, or Infinity when it is more than a declared limit. */
  freeAt(demand: Demand, now: number): number {
    return this.#allGauges().reduce(
      (freeAt, meterLimit) => Math.max(freeAt, meterLimit.freeAt(demand, now)),
      now,
    )
  }

  /** Counts one request and what it is expected to use, whether it fits or not. */
  reserve({ tokens, images }: Demand, now: number): Reservation {
    const reservation: Reservation = { tokens, images, startedAt: now, isSettled: false }
    this.count(reservation, now)
    return reservation
  }

  /** The same, where something else stands for the reservation. */
  count(demand: Demand, now: number): void {
    if (this.#block !== 0) this.#table.count(this.#block, demand, now)
  }

  /** To be called once for each reservation, before `refused` when a refusal was its end. Again is harmless. */
  settle(reservation: Reservation, { tokens, isRefused }: ReservationUse, now: number): void {
    if (reservation.isSettled) return
    reservation.isSettled = true
    if (this.#block === 0) return
    if (isRefused) this.#takeBack(reservation, now)
    else this.#correctTokens(reservation, tokens ?? reservation.tokens, now)
  }

  /**
   * The upstream refused a call that began at `startedAt`, for too many requests when it did not say of what. Gives
   * the meter whose bound changed, null when none did.
   */
  refused(meter: Meter | undefined, startedAt: number, now: number): Meter | null {
    if (!this.#learns || this.#block === 0) return null
    const full = meter ?? 'RPM'
    const meterLimit = this.#gaugeOf(full, now)
    const isChanged = meterLimit.refuse(startedAt, now)
    this.#keepTo(meterLimit)
    return isChanged ? full : null
  }

  /** The bounds, and the counts of hours and days; null when there is nothing worth storing. */
  snapshot(now: number): QuotaSnapshot | null {
    if (!this.isStored) return null
    const stored: Partial<Record<Meter, StoredMeterLimit>> = {}
    for (const { meter, lengthMs, bound, since, window } of this.#allGauges()) {
      // A minute is over before a restart is.
      const counted = lengthMs > meterFacts.RPM.lengthMs ? window.entries(now) : []
      if (bound === null && counted.length === 0) continue
      stored[meter] = { bound: bound?.state ?? null, since: Number.isFinite(since) ? since : null, counted }
    }
    return Object.keys(stored).length === 0 ? null : stored
  }

  /** Gives back the place where it counts. It limits nothing from now on, and what still ends counts nowhere. */
  forget(): void {
    if (this.#block !== 0) this.#table.close(this.#block)
    this.#block = 0
    this.#meterLimits = []
    this.isStored = false
    this.#listener?.onBlock(this, this.#place)
  }

  #takeBack(reservation: Reservation, now: number): void {
    for (const meterLimit of this.#allGauges()) {
      meterLimit.takeBack(reservation, reservation.startedAt, now)
      this.#keepTo(meterLimit)
    }
    if (this.#learns) this.#table.takeBackRecent(this.#block, reservation, now)
  }

  #correctTokens({ tokens: estimate, startedAt: countedAt }: Reservation, real: number, now: number): void {
    if (this.#meterLimits === null)
      return this.#table.correct(this.#block, { estimate, real, countedAt, now })
    for (const meterLimit of this.#meterLimits)
      if (meterLimit.unit === 'tokens') meterLimit.correct(estimate, real, countedAt, now)
    this.#table.correctRecent(this.#block, real - estimate, now)
  }

  #limitOf(meter: Meter): number {
    return this.limits?.[meter] ?? Number.POSITIVE_INFINITY
  }

  #allGauges(): MeterLimit[] {
    this.#meterLimits ??= this.#table.metersOf(this.#block).map((meter) => this.#newGauge(meter))
    return this.#meterLimits
  }

  #newGauge(meter: Meter, since = Number.NEGATIVE_INFINITY, bound: LearnedLimit | null = null): MeterLimit {
    const window = this.#table.window(this.#block, meter)
    return new MeterLimit(meter, { window, since, limit: this.#limitOf(meter), bound })
  }

  /** The gauge of a meter that refused, made when nobody has counted it so far. */
  #gaugeOf(meter: Meter, now: number): MeterLimit {
    const meterLimits = this.#allGauges()
    const known = meterLimits.find((meterLimit) => meterLimit.meter === meter)
    if (known !== undefined) return known
    // Recent use knows the last minute, so a minute meter has been counted for that long.
    const { lengthMs } = meterFacts[meter]
    const isKnown = lengthMs === meterFacts.RPM.lengthMs
    const admitted = isKnown ? Math.round(this.#table.recent(this.#block, meter, now)) : 0
    this.#count([meter])
    const meterLimit = this.#newGauge(meter, isKnown ? now - lengthMs : now)
    if (admitted > 0) meterLimit.window.add(admitted, now)
    meterLimits.push(meterLimit)
    return meterLimit
  }

  /** From now on the block counts these meters as well. */
  #count(added: readonly Meter[]): void {
    const table = this.#table
    this.#block = table.withMeters(this.#block, added)
    this.#listener?.onBlock(this, this.#place)
    for (const meterLimit of this.#meterLimits ?? [])
      meterLimit.window = table.window(this.#block, meterLimit.meter)
    if (added.some((meter) => meterFacts[meter].lengthMs > meterFacts.RPM.lengthMs)) this.isStored = true
  }

  /** Tells the tallies how far a gauge lets them go, after its bound may have changed. */
  #keepTo({ meter, ceiling, bound }: MeterLimit): void {
    this.#table.setCeiling(this.#block, meter, ceiling)
    if (bound !== null) this.isStored = true
  }

  #restore(meter: Meter, { bound, since, counted }: StoredMeterLimit, now: number): void {
    if (this.limits?.[meter] === undefined && !this.#learns) return
    const meterLimits = this.#allGauges()
    if (!meterLimits.some((meterLimit) => meterLimit.meter === meter)) this.#count([meter])
    const learned =
      bound === null || !this.#learns ? null : LearnedLimit.restore(meterFacts[meter].lengthMs, bound)
    const meterLimit = this.#newGauge(meter, since ?? Number.NEGATIVE_INFINITY, learned)
    for (let index = 0; index + 1 < counted.length; index += 2) {
      meterLimit.window.add(counted[index + 1] ?? 0, Math.min(counted[index] ?? now, now))
    }
    this.#meterLimits = meterLimits.filter((other) => other.meter !== meter).concat(meterLimit)
    this.#keepTo(meterLimit)
  }
}
