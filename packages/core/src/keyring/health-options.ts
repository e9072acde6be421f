import * as v from 'valibot'
import { positiveInteger, share, strict } from '../validation.js'

/** When failures take keys out of service. */
export interface HealthOptions {
  /**
   * Consecutive unexplained failures (a bare 403, above all) after which a key cools down and a free request asks the
   * upstream about it. @default 5
   */
  readonly failureThreshold?: number
  /**
   * The share of the keys that may be taken out while every call is refused and none succeeds; beyond it the upstream
   * is suspected, and keys cool down only briefly. From 0 to 1; one key at least. @default 0.1
   */
  readonly maxEjected?: number
  /** Whether free requests ask the upstream about keys in trouble, on a timer. @default true */
  readonly probes?: boolean
}

export const defaultHealth: Required<HealthOptions> = Object.freeze({
  failureThreshold: 5,
  maxEjected: 0.1,
  probes: true,
})

/** The option `health`. */
export const healthSchema: v.GenericSchema = strict(
  {
    failureThreshold: v.optional(positiveInteger),
    maxEjected: v.optional(share),
    probes: v.optional(v.boolean('must be true or false')),
  },
  'must be an object of failureThreshold, maxEjected and probes',
)
