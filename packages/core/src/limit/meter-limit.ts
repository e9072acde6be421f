import type { Meter } from '../outcome/meter.js'
import {
  admits,
  admitsAt,
  type CountedRefusal,
  firstLimit,
  type LearnedLimit,
  onBlocked,
  onRefused,
  onRetracted,
  onTried,
} from './learned-limit.js'
import type { MeterWindow } from './meter-window.js'
import { amountOf, type Demand, type MeterFacts, meterFacts } from './meters.js'
import { RefusalEvidence } from './refusal-evidence.js'

/** A learned limit up to this many times the level of its last refusal is where that says. */
const closeTo = 1.2

/** From this share of a learned limit on it is nearly used up. */
const nearlyUsed = 0.7

/**
 * What a suspicion leaves: more than refutes it, and less than a queue that waits. So many times its level, and so many
 * calls like the refused one beside that.
 */
const left = { ofLevel: 3, calls: 10 } as const

export interface MeterLimitOptions {
  readonly window: MeterWindow
  /** Since when everything admitted is in the window. */
  readonly since: number
  /** The declared limit; Infinity when there is none. */
  readonly limit: number
  readonly learned: LearnedLimit | null
}

export interface RefusedCall {
  readonly startedAt: number
  readonly demand: Demand
}

/** One meter that is counted, because a limit was declared or learned. Holds the learned limit as it changes. */
export class MeterLimit {
  readonly meter: Meter
  readonly unit: MeterFacts['unit']
  readonly lengthMs: number
  readonly since: number
  readonly limit: number
  /** Moves along with its quota's block. */
  window: MeterWindow
  #learned: LearnedLimit | null
  readonly #evidence = new RefusalEvidence()
  /** What a suspicion leaves beside its level; Infinity while that is unknown. */
  #room = Number.POSITIVE_INFINITY
  /** A refusal was believed when the others of its burst were taken back, and is to be reported with the next one. */
  #isNews = false

  constructor(meter: Meter, { window, since, limit, learned }: MeterLimitOptions) {
    const { unit, lengthMs } = meterFacts[meter]
    this.meter = meter
    this.unit = unit
    this.lengthMs = lengthMs
    this.window = window
    this.since = since
    this.limit = limit
    this.#learned = learned
  }

  get learned(): LearnedLimit | null {
    return this.#learned
  }

  /** What its window may come to. Only a call that would be alone in the window may go beyond a learned limit. */
  get ceiling(): number {
    return Math.min(this.limit, this.#learned?.value ?? this.#suspected)
  }

  /** What is left while there is only a suspicion: a limit that is not known must not meet a whole queue. */
  get #suspected(): number {
    return left.ofLevel * this.#evidence.level + this.#room
  }

  /** What the demand takes of this meter. */
  amountOf(demand: Demand): number {
    return amountOf(this.unit, demand)
  }

  fits(demand: Demand, now: number): boolean {
    const amount = this.amountOf(demand)
    if (amount === 0) return true
    const total = this.window.total(now)
    if (total + amount > this.limit) return false
    return this.#learned === null
      ? total + amount <= this.#suspected || total === 0
      : admits(this.#learned, amount, total)
  }

  /** A call was blocked. Whether this meter admits it now, be it because its learned limit has just grown. */
  onBlocked(demand: Demand, now: number): boolean {
    if (this.fits(demand, now)) return true
    const amount = this.amountOf(demand)
    const total = this.window.total(now)
    if (this.#learned === null || total + amount > this.limit) return false
    this.#learned = onBlocked(this.#learned, amount, now)
    return admits(this.#learned, amount, total)
  }

  /** `beyondAt` is when calls may go beyond learned limits. */
  freeAt(demand: Demand, now: number, beyondAt: number): number {
    const amount = this.amountOf(demand)
    if (amount === 0) return now
    const byLimit = this.window.freeAt(amount, this.limit, now)
    return this.#learned === null
      ? Math.max(byLimit, this.window.freeAt(Math.min(amount, this.#suspected), this.#suspected, now))
      : Math.max(byLimit, Math.min(admitsAt(this.#learned, amount, this.window, now), beyondAt))
  }

  /**
   * Whether a call may go beyond the learned limit, and no declared one is in the way. Where upstreams may count tokens
   * when calls end, only with the limit used up by such calls, too: else they serve it whatever the limit is.
   */
  mayGoBeyond(demand: Demand, now: number): boolean {
    const amount = this.amountOf(demand)
    if (amount === 0) return true
    if (this.window.total(now) + amount > this.limit) return false
    if (this.#learned === null || this.fits(demand, now)) return true
    // What had begun before this meter was counted is not among what ended.
    const isEndedKnown = now - this.since >= 2 * this.lengthMs
    return !isEndedKnown || this.window.isFull(amount, this.#learned.value, now)
  }

  /**
   * A call beyond the learned limit was served: that grows by `factor` times as much as usual, and true is returned. Only
   * when this window of the clock has used the limit up by itself: else the upstream's window may have begun anew.
   */
  goBeyond(demand: Demand, factor: number, now: number): boolean {
    if (this.#learned === null || this.fits(demand, now)) return false
    if (this.window.begunSince(this.#clockStart(now), now) < this.#learned.value) return false
    this.#learned = onTried(this.#learned, this.amountOf(demand), factor)
    return true
  }

  /** Takes back what never ran. */
  takeBack(demand: Demand, countedAt: number, now: number): void {
    const amount = this.amountOf(demand)
    if (amount === 0 || countedAt < this.since) return
    this.window.takeBack(amount, countedAt, now)
    if (this.#learned !== null) this.#learned = onRetracted(this.#learned, amount, countedAt, now)
    const believed = this.#evidence.retracted(amount, countedAt)
    if (believed !== null) this.#isNews = this.#believe(believed) || this.#isNews
  }

  /** A call ended that was counted with an estimate, or before this meter was there to count it. */
  correct(estimate: number, real: number, countedAt: number, now: number): void {
    if (real > estimate) this.window.add(real - estimate, now)
    else if (real < estimate && countedAt >= this.since) this.window.takeBack(estimate - real, countedAt, now)
    if (real > 0) this.window.end(real, now)
  }

  /** Whether there is a suspicion that served calls may refute. */
  get isSuspected(): boolean {
    return this.#evidence.isOpen
  }

  /** A call was served, which may refute a suspicion. */
  served(amount: number, startedAt: number, now: number): void {
    const believed = this.#evidence.served(amount, startedAt, this.lengthMs)
    if (believed !== null && this.since <= this.window.startOf(now))
      this.#isNews = this.#believe(believed) || this.#isNews
  }

  /** This meter refused a call that began at `startedAt`. Whether that changed the learned limit. */
  refuse({ startedAt, demand }: RefusedCall, now: number, isTrusted: boolean): boolean {
    const refusal = { startedAt, now, admitted: this.window.total(now), ended: this.window.ended(now) }
    // That it grew was the experiment, and this is its result.
    if (this.#learned?.isGrowing === true) return this.#believe(refusal)
    // A stray rarely comes when a learned limit is nearly used up: the limit itself is the refusal that agrees.
    if (this.#learned !== null && refusal.admitted >= nearlyUsed * this.#learned.value)
      return this.#believe(refusal)
    const believed = this.#evidence.refused(refusal, isTrusted)
    // What was admitted is not known before a whole window was counted.
    if (this.since > this.window.startOf(now)) return false
    this.#room = left.calls * Math.max(1, this.amountOf(demand))
    const isNews = this.#isNews
    this.#isNews = false
    return believed === null ? isNews : this.#believe(believed)
  }

  /** When the window of the clock began that an upstream may count; days are counted so already. */
  #clockStart(now: number): number {
    return this.lengthMs >= meterFacts.RPD.lengthMs
      ? this.window.startOf(now)
      : Math.floor(now / this.lengthMs) * this.lengthMs
  }

  #believe(refusal: CountedRefusal): boolean {
    const before = this.#learned?.value
    this.#learned =
      this.#learned === null ? firstLimit(this.lengthMs, refusal) : onRefused(this.#learned, refusal)
    // No refusal takes more than half; where that is not enough, the next one is believed at once.
    if (this.#learned.value <= closeTo * refusal.admitted) this.#evidence.close()
    return this.#learned.value !== before
  }
}
