import * as v from 'valibot'
import { duration, strict, wholeNumber } from '../validation.js'

/** The queue of requests for which no key is free now. */
export interface QueueOptions {
  /** How many may wait at once; 0 for no queue. @default 1_000 */
  readonly limit?: number
  /**
   * How long one request may wait, in milliseconds. It waits only when a key will be free by then, and otherwise gets
   * the refusal at once, with the true `Retry-After`. @default 15_000
   */
  readonly maxWaitMs?: number
  /**
   * The longest `Retry-After` that a client is told, in milliseconds: many obey it to the second, whatever their users
   * do meanwhile. 0 for the true end of every cooldown. @default 60_000
   */
  readonly maxRetryAfterMs?: number
}

/** How leases are waited for, and when one that was not settled is given back. */
export interface LeasePolicy {
  readonly queue: Required<QueueOptions>
  readonly leaseTimeoutMs: number
}

export const defaultLeasePolicy: LeasePolicy = Object.freeze({
  queue: Object.freeze({ limit: 1_000, maxWaitMs: 15_000, maxRetryAfterMs: 60_000 }),
  leaseTimeoutMs: 600_000,
})

/** The option `queue`. */
export const queueSchema: v.GenericSchema = strict(
  { limit: v.optional(wholeNumber), maxWaitMs: duration, maxRetryAfterMs: duration },
  'must be an object of limit, maxWaitMs and maxRetryAfterMs',
)
