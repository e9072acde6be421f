import * as v from 'valibot'
import type { Runtime } from '../../runtime/runtime.js'
import { completed, share, strict, wholeNumber } from '../../validation.js'

/**
 * How many further calls a request may make on keys that cool down already, after failures that blame none: overload,
 * broken networks, silence.
 */
export interface RetryBudgetOptions {
  /** Their share of the requests of the last ten seconds, from 0 to 1. @default 0.2 */
  readonly maxShare?: number
  /** How many a second there may be beside that, so that a pool with few requests can fail over. @default 10 */
  readonly perSecond?: number
}

const defaults: Required<RetryBudgetOptions> = Object.freeze({ maxShare: 0.2, perSecond: 10 })

/** The option `retryBudget`. */
export const retryBudgetSchema: v.GenericSchema = strict(
  { maxShare: v.optional(share), perSecond: v.optional(wholeNumber) },
  'must be an object of maxShare and perSecond',
)

/** How far back is looked, in steps of a second. */
const seconds = 10
const secondMs = 1_000

/**
 * Bounds what a storm costs: when every call fails, each request may still be tried, but only a share of them twice.
 * Counts requests and retries of the last ten seconds, by the monotonic clock.
 */
export class RetryBudget {
  readonly #options: Required<RetryBudgetOptions>
  readonly #runtime: Runtime
  readonly #requestsBy = new Float64Array(seconds)
  readonly #retriesBy = new Float64Array(seconds)
  #second = 0
  #requests = 0
  #retries = 0

  constructor(options: RetryBudgetOptions, runtime: Runtime) {
    this.#options = completed(defaults, options)
    this.#runtime = runtime
  }

  /** Counts a request. `now` is on the monotonic clock. */
  begin(now: number): void {
    this.#advance(now)
    this.#requests++
    this.#requestsBy[this.#second % seconds] = (this.#requestsBy[this.#second % seconds] as number) + 1
  }

  /** Whether one more call fits. */
  get hasRoom(): boolean {
    this.#advance(this.#runtime.monotonic())
    const { maxShare, perSecond } = this.#options
    return this.#retries + 1 <= maxShare * this.#requests + perSecond * seconds
  }

  /** Counts one more call if it fits, and returns whether it does. */
  spend(): boolean {
    if (!this.hasRoom) return false
    this.#retries++
    this.#retriesBy[this.#second % seconds] = (this.#retriesBy[this.#second % seconds] as number) + 1
    return true
  }

  #advance(now: number): void {
    const second = Math.floor(now / secondMs)
    if (second === this.#second) return
    const passed = Math.min(second - this.#second, seconds)
    for (let step = 1; step <= passed; step++) {
      const place = (this.#second + step) % seconds
      this.#requests -= this.#requestsBy[place] as number
      this.#retries -= this.#retriesBy[place] as number
      this.#requestsBy[place] = 0
      this.#retriesBy[place] = 0
    }
    this.#second = second
  }
}
