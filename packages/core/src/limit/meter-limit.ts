import type { Meter } from '../outcome/meter.js'
import { LearnedLimit } from './learned-limit.js'
import type { MeterWindow } from './meter-window.js'
import { amountOf, type Demand, type MeterFacts, meterFacts } from './meters.js'

/** What must have been admitted for a single refusal to teach a bound. */
const fewest = 3

export interface MeterLimitOptions {
  readonly window: MeterWindow
  /** Since when everything admitted is in the window. */
  readonly since: number
  /** The declared limit; Infinity when there is none. */
  readonly limit: number
  readonly bound: LearnedLimit | null
}

/** One meter that is kept count of, because a limit was declared or a bound learned. */
export class MeterLimit {
  readonly meter: Meter
  readonly unit: MeterFacts['unit']
  readonly lengthMs: number
  readonly since: number
  readonly limit: number
  /** Moves along with its quota's block. */
  window: MeterWindow
  #bound: LearnedLimit | null
  #isWarned = false

  constructor(meter: Meter, { window, since, limit, bound }: MeterLimitOptions) {
    const { unit, lengthMs } = meterFacts[meter]
    this.meter = meter
    this.unit = unit
    this.lengthMs = lengthMs
    this.window = window
    this.since = since
    this.limit = limit
    this.#bound = bound
  }

  get bound(): LearnedLimit | null {
    return this.#bound
  }

  /** What its window may come to. Only a call that would be alone in the window may go beyond a bound. */
  get ceiling(): number {
    return Math.min(this.limit, this.#bound?.value ?? Number.POSITIVE_INFINITY)
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
    return this.#bound === null || this.#bound.admits(amount, total)
  }

  /** A call was held back. Whether this meter lets it go now, be it because its bound has just grown. */
  press(demand: Demand, now: number): boolean {
    if (this.fits(demand, now)) return true
    const amount = this.amountOf(demand)
    const total = this.window.total(now)
    return this.#bound !== null && total + amount <= this.limit && this.#bound.press(amount, total, now)
  }

  freeAt(demand: Demand, now: number): number {
    const amount = this.amountOf(demand)
    if (amount === 0) return now
    const byLimit = this.window.freeAt(amount, this.limit, now)
    return this.#bound === null ? byLimit : Math.max(byLimit, this.#bound.freeAt(amount, this.window, now))
  }

  /** Takes back what never ran. */
  takeBack(demand: Demand, countedAt: number, now: number): void {
    const amount = this.amountOf(demand)
    if (amount === 0 || countedAt < this.since) return
    this.window.takeBack(amount, countedAt, now)
    this.#bound?.retract(amount, countedAt, now)
  }

  /** A call ended that was counted with an estimate, or before this gauge was there to count it. */
  correct(estimate: number, real: number, countedAt: number, now: number): void {
    if (real > estimate) this.window.add(real - estimate, now)
    else if (real < estimate && countedAt >= this.since) this.window.takeBack(estimate - real, countedAt, now)
    if (real > 0) this.window.end(real, now)
  }

  /** A refusal by this meter of a call that began at `startedAt`. Says whether the bound changed. */
  refuse(startedAt: number, now: number): boolean {
    const refusal = { startedAt, now, admitted: this.window.total(now), ended: this.window.ended(now) }
    if (this.#bound !== null) return this.#bound.refuse(refusal)
    // What was admitted is not known before a whole window was counted.
    if (this.since > this.window.startOf(now)) return false
    // A first refusal after next to nothing says more of others who use the account than of its limit.
    const isDoubtful = this.window.total(now) < fewest && !this.#isWarned
    this.#isWarned = true
    if (isDoubtful) return false
    this.#bound = LearnedLimit.atRefusal(this.lengthMs, refusal)
    return true
  }
}
