import * as v from 'valibot'
import { positiveInteger, share, strict } from '../validation.js'

/** When failures take keys out. */
export interface HealthOptions {
  /** Unexplained failures in a row (a bare 403, above all) after which a key rests and is asked about. @default 5 */
  readonly failureThreshold?: number
  /**
   * The share of the keys that may be taken out while every call is refused and none succeeds; beyond it the upstream
   * is suspected, and keys rest only briefly. From 0 to 1; one key at least. @default 0.1
   */
  readonly maxEjected?: number
  /** Whether keys in trouble are asked about by a free request, on a timer. @default true */
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
