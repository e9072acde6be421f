import type { Meter } from '../outcome/meter.js'
import {
  admits,
  admitsAt,
  firstLimit,
  type LearnedLimit,
  onBlocked,
  onRefused,
  onRetracted,
} from './learned-limit.js'
import type { MeterWindow } from './meter-window.js'
import { amountOf, type Demand, type MeterFacts, meterFacts } from './meters.js'

/** What must have been admitted for a single refusal to teach a limit. */
const fewest = 3

export interface MeterLimitOptions {
  readonly window: MeterWindow
  /** Since when everything admitted is in the window. */
  readonly since: number
  /** The declared limit; Infinity when there is none. */
  readonly limit: number
  readonly learned: LearnedLimit | null
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
  #wasRefused = false

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
    return Math.min(this.limit, this.#learned?.value ?? Number.POSITIVE_INFINITY)
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
    return this.#learned === null || admits(this.#learned, amount, total)
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

  freeAt(demand: Demand, now: number): number {
    const amount = this.amountOf(demand)
    if (amount === 0) return now
    const byLimit = this.window.freeAt(amount, this.limit, now)
    return this.#learned === null
      ? byLimit
      : Math.max(byLimit, admitsAt(this.#learned, amount, this.window, now))
  }

  /** Takes back what never ran. */
  takeBack(demand: Demand, countedAt: number, now: number): void {
    const amount = this.amountOf(demand)
    if (amount === 0 || countedAt < this.since) return
    this.window.takeBack(amount, countedAt, now)
    if (this.#learned !== null) this.#learned = onRetracted(this.#learned, amount, countedAt, now)
  }

  /** A call ended that was counted with an estimate, or before this meter was there to count it. */
  correct(estimate: number, real: number, countedAt: number, now: number): void {
    if (real > estimate) this.window.add(real - estimate, now)
    else if (real < estimate && countedAt >= this.since) this.window.takeBack(estimate - real, countedAt, now)
    if (real > 0) this.window.end(real, now)
  }

  /** This meter refused a call that began at `startedAt`. Whether that changed the learned limit. */
  refuse(startedAt: number, now: number): boolean {
    const refusal = { startedAt, now, admitted: this.window.total(now), ended: this.window.ended(now) }
    if (this.#learned !== null) {
      const { value } = this.#learned
      this.#learned = onRefused(this.#learned, refusal)
      return this.#learned.value !== value
    }
    // What was admitted is not known before a whole window was counted.
    if (this.since > this.window.startOf(now)) return false
    // A first refusal after next to nothing says more of other clients of the account than of its limit.
    const isDoubtful = refusal.admitted < fewest && !this.#wasRefused
    this.#wasRefused = true
    if (isDoubtful) return false
    this.#learned = firstLimit(this.lengthMs, refusal)
    return true
  }
}
