import type { Meter } from '../outcome/meter.js'
import { type LearnedLimit, restoredLimit, storedLimit } from './learned-limit.js'
import { MeterLimit } from './meter-limit.js'
import { type Demand, type Limits, meterFacts, meters } from './meters.js'
import { type QuotaSnapshot, readQuotaSnapshot, type StoredMeterLimit } from './quota-snapshot.js'
import { QuotaTable, type QuotaTableOptions } from './quota-table.js'

export type { QuotaSnapshot } from './quota-snapshot.js'

const noDemand: Demand = { tokens: 0, images: 0 }

export interface QuotaOptions extends QuotaTableOptions {
  /** Declared limits, which are never exceeded. Null when nothing is declared. */
  readonly limits: Limits | null
  /** Where it counts, together with other quotas of the same options. @default a table of its own */
  readonly table?: QuotaTable
}

/** A call that was counted before it ran, until `settle` corrects the count. */
export interface Reservation extends Demand {
  /** When it was counted, in milliseconds since the Unix epoch. */
  readonly startedAt: number
  isSettled: boolean
}

/** What became of a reserved call. */
export interface ReservationUse {
  /** The tokens that it really used; null when that is unknown, and the estimate stays. */
  readonly tokens: number | null
  /** The upstream did not run it, or nothing is known of it any more: all that it reserved is taken back. */
  readonly isRefused: boolean
}

/** Keeps track of the block where a quota counts. */
export interface BlockListener {
  /** `place` is what was given to `setListener`. */
  onBlock(quota: Quota, place: number): void
}

/**
 * What one account may use of one model. All instants are milliseconds since the Unix epoch. The counts stand in the
 * pool's quota table; the quota itself holds learned limits, for the few accounts that have been refused.
 */
export class Quota {
  readonly limits: Limits | null
  /** Whether refusals teach limits. */
  readonly learns: boolean
  readonly #table: QuotaTable
  #block: number
  #listener: BlockListener | null = null
  #place = 0
  /** Made when they are first needed: while nothing is learned, the table alone decides what fits. */
  #meterLimits: MeterLimit[] | null = null
  /** What the last refused call was expected to use. */
  #refusedDemand: Demand = noDemand
  /** Whether it has anything that must outlive the process: a learned limit, or counts of hours and days. */
  isStored = false

  constructor({
    limits,
    learns,
    dayOffsetMs,
    table = new QuotaTable({ learns, dayOffsetMs }),
  }: QuotaOptions) {
    this.limits = limits
    this.learns = learns
    this.#table = table
    this.#block = table.open()
    const declared = limits === null ? [] : meters.filter((meter) => limits[meter] !== undefined)
    if (declared.length > 0) this.#count(declared)
    for (const meter of declared) table.setCeiling(this.#block, meter, this.#limitOf(meter))
  }

  /** A quota that continues from `snapshot`. */
  static restore(options: QuotaOptions, snapshot: QuotaSnapshot, now: number): Quota {
    const quota = new Quota(options)
    for (const [meter, stored] of readQuotaSnapshot(snapshot)) quota.#restore(meter, stored, now)
    return quota
  }

  /** Its block of the quota table, for readers that skip this object; 0 once the quota is forgotten. */
  get block(): number {
    return this.#block
  }

  /** Calls this listener, and no other any more, with the block: now, and whenever that changes. */
  setListener(listener: BlockListener, place: number): void {
    this.#listener = listener
    this.#place = place
    listener.onBlock(this, place)
  }

  /** Whether anything is declared or learned, so that there are counts worth keeping. */
  get isLimited(): boolean {
    return this.#block !== 0 && this.#table.metersOf(this.#block).length > 0
  }

  /** The learned limits, by meter. */
  learnedLimits(): Limits {
    const limits: Partial<Record<Meter, number>> = {}
    for (const { meter, learned } of this.#meterLimits ?? [])
      if (learned !== null) limits[meter] = learned.value
    return limits
  }

  fits(demand: Demand, now: number): boolean {
    if (this.#block === 0 || this.#table.fits(this.#block, demand, now)) return true
    return this.#meterLimits?.every((meterLimit) => meterLimit.fits(demand, now)) ?? false
  }

  /**
   * A call was blocked because it did not fit. To be called every time: learned limits grow only while they block
   * calls. True when one has just grown and the call fits now.
   */
  onBlocked(demand: Demand, now: number): boolean {
    if (this.#meterLimits === null) return this.fits(demand, now)
    let fits = true
    for (const meterLimit of this.#meterLimits) {
      fits = meterLimit.onBlocked(demand, now) && fits
      this.#applyCeiling(meterLimit)
    }
    return fits
  }

  /** Whether learned limits alone are in the way, and what becomes of a call beyond them would show whether they hold. */
  mayGoBeyond(demand: Demand, now: number): boolean {
    return this.#meterLimits?.every((meterLimit) => meterLimit.mayGoBeyond(demand, now)) ?? false
  }

  /**
   * A call beyond the learned limits was served: those that it disproves grow, by `factor` times as much as usual. Whether
   * there are any.
   */
  goBeyond(demand: Demand, factor: number, now: number): boolean {
    let isGrown = false
    for (const meterLimit of this.#meterLimits ?? []) {
      isGrown = meterLimit.goBeyond(demand, factor, now) || isGrown
      this.#applyCeiling(meterLimit)
    }
    return isGrown
  }

  /** A call was served; where refusals made limits suspected, that is evidence against them. */
  served({ tokens: estimate, images, startedAt }: Reservation, tokens: number | null, now: number): void {
    if (this.#meterLimits === null) return
    for (const meterLimit of this.#meterLimits) {
      if (!meterLimit.isSuspected) continue
      const amount = meterLimit.amountOf({ tokens: tokens ?? estimate, images })
      meterLimit.served(amount, startedAt, now)
      this.#applyCeiling(meterLimit)
    }
  }

  /**
   * The earliest instant at which a call may fit: `now`, or Infinity when it is more than a declared limit. `beyondAt` is
   * when calls may go beyond learned limits.
   */
  freeAt(demand: Demand, now: number, beyondAt: number = Number.POSITIVE_INFINITY): number {
    return this.#allMeterLimits().reduce(
      (freeAt, meterLimit) => Math.max(freeAt, meterLimit.freeAt(demand, now, beyondAt)),
      now,
    )
  }

  /** Counts one call and what it is expected to use, whether it fits or not. */
  reserve({ tokens, images }: Demand, now: number): Reservation {
    const reservation: Reservation = { tokens, images, startedAt: now, isSettled: false }
    this.count(reservation, now)
    return reservation
  }

  /** Counts a call whose reservation is an object of the caller's. */
  count(demand: Demand, now: number): void {
    if (this.#block !== 0) this.#table.count(this.#block, demand, now)
  }

  /** Corrects what a reservation counted, before `refused` when a refusal was its end. A second time is harmless. */
  settle(reservation: Reservation, { tokens, isRefused }: ReservationUse, now: number): void {
    if (reservation.isSettled) return
    reservation.isSettled = true
    if (this.#block === 0) return
    if (isRefused) this.#takeBack(reservation, now)
    else this.#correctTokens(reservation, tokens ?? reservation.tokens, now)
  }

  /**
   * The upstream refused a call that began at `startedAt`, for too many requests when it did not name the meter.
   * Returns the meter whose learned limit changed, null when none did. `isTrusted` is false while account after account
   * is refused alike.
   */
  refused(meter: Meter | undefined, startedAt: number, now: number, isTrusted = true): Meter | null {
    if (!this.learns || this.#block === 0) return null
    const full = meter ?? 'RPM'
    const meterLimit = this.#meterLimitOf(full, now)
    const isChanged = meterLimit.refuse({ startedAt, demand: this.#refusedDemand }, now, isTrusted)
    this.#applyCeiling(meterLimit)
    return isChanged ? full : null
  }

  /** Learned limits, and the counts of hours and days; null when there is nothing worth storing. */
  snapshot(now: number): QuotaSnapshot | null {
    if (!this.isStored) return null
    const stored: Partial<Record<Meter, StoredMeterLimit>> = {}
    for (const { meter, lengthMs, learned, since, window } of this.#allMeterLimits()) {
      // A minute is over before a restart is.
      const counted = lengthMs > meterFacts.RPM.lengthMs ? window.entries(now) : []
      if (learned === null && counted.length === 0) continue
      const bound = learned === null ? null : storedLimit(learned)
      stored[meter] = { bound, since: Number.isFinite(since) ? since : null, counted }
    }
    return Object.keys(stored).length === 0 ? null : stored
  }

  /** Gives its block back. The quota limits nothing from now on, and calls that still end count nowhere. */
  forget(): void {
    if (this.#block !== 0) this.#table.close(this.#block)
    this.#block = 0
    this.#meterLimits = []
    this.isStored = false
    this.#listener?.onBlock(this, this.#place)
  }

  #takeBack(reservation: Reservation, now: number): void {
    this.#refusedDemand = { tokens: reservation.tokens, images: reservation.images }
    for (const meterLimit of this.#allMeterLimits()) {
      meterLimit.takeBack(reservation, reservation.startedAt, now)
      this.#applyCeiling(meterLimit)
    }
    if (this.learns) this.#table.takeBackRecent(this.#block, reservation, now)
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

  #allMeterLimits(): MeterLimit[] {
    this.#meterLimits ??= this.#table.metersOf(this.#block).map((meter) => this.#newMeterLimit(meter))
    return this.#meterLimits
  }

  #newMeterLimit(
    meter: Meter,
    since = Number.NEGATIVE_INFINITY,
    learned: LearnedLimit | null = null,
  ): MeterLimit {
    const window = this.#table.window(this.#block, meter)
    return new MeterLimit(meter, { window, since, limit: this.#limitOf(meter), learned })
  }

  /** The limit of a meter that refused a call, made when the meter was not counted so far. */
  #meterLimitOf(meter: Meter, now: number): MeterLimit {
    const meterLimits = this.#allMeterLimits()
    const known = meterLimits.find((meterLimit) => meterLimit.meter === meter)
    if (known !== undefined) return known
    // Recent use knows the last minute, so a minute meter has been counted for that long.
    const { lengthMs } = meterFacts[meter]
    const isKnown = lengthMs === meterFacts.RPM.lengthMs
    const admitted = isKnown ? Math.round(this.#table.recent(this.#block, meter, now)) : 0
    this.#count([meter])
    const meterLimit = this.#newMeterLimit(meter, isKnown ? now - lengthMs : now)
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

  /** Writes the ceiling of a meter to the table, after its learned limit may have changed. */
  #applyCeiling({ meter, ceiling, learned }: MeterLimit): void {
    this.#table.setCeiling(this.#block, meter, ceiling)
    if (learned !== null) this.isStored = true
  }

  #restore(meter: Meter, { bound, since, counted }: StoredMeterLimit, now: number): void {
    if (this.limits?.[meter] === undefined && !this.learns) return
    const meterLimits = this.#allMeterLimits()
    if (!meterLimits.some((meterLimit) => meterLimit.meter === meter)) this.#count([meter])
    const learned = bound === null || !this.learns ? null : restoredLimit(meterFacts[meter].lengthMs, bound)
    const meterLimit = this.#newMeterLimit(meter, since ?? Number.NEGATIVE_INFINITY, learned)
    for (let index = 0; index + 1 < counted.length; index += 2) {
      meterLimit.window.add(counted[index + 1] ?? 0, Math.min(counted[index] ?? now, now))
    }
    this.#meterLimits = meterLimits.filter((other) => other.meter !== meter).concat(meterLimit)
    this.#applyCeiling(meterLimit)
  }
}
