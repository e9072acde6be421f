import type { Meter } from './meter.js'

/** How one attempt ended. The vocabulary of logs, events, counters and of a lease's `settle`. */
export type OutcomeKind =
  | 'success'
  | 'rate-limited'
  | 'unauthorized'
  | 'insufficient-balance'
  | 'rejected'
  | 'upstream-error'
  | 'network-error'
  | 'timeout'
  | 'truncated'
  | 'aborted'

/**
 * What an outcome blames, which decides what it may change:
 * - `caller`: the request itself; no key's health.
 * - `key`: the secret is refused.
 * - `disabled`: the account is closed, suspended or expired; its keys cannot serve until a person acts.
 * - `funds`: the account has no money of the class needed.
 * - `permission`: this account may not use this model.
 * - `limit`: a limit of this account on this model.
 * - `model`: the model, whatever the key.
 * - `overload`: the upstream as a whole, or its pool for one model.
 * - `ip-block`: the address that the pool calls from.
 * - `network`: the path between the pool and the upstream.
 */
export type Fault =
  | 'caller'
  | 'key'
  | 'disabled'
  | 'funds'
  | 'permission'
  | 'limit'
  | 'model'
  | 'overload'
  | 'ip-block'
  | 'network'

/** The classified result of one attempt. */
export interface Outcome {
  readonly kind: OutcomeKind
  /** Absent on `success` and `aborted`. */
  readonly fault?: Fault
  /** The upstream's HTTP status, when one arrived. */
  readonly status?: number
  /** The provider's own error code, when the body named one. */
  readonly code?: number | string
  /** The provider's words, shortened. Never holds a secret. */
  readonly message?: string
  /** Which limit was hit, when the provider said so. */
  readonly meter?: Meter
  /** The limit holds for every model of the account. */
  readonly accountWide?: boolean
  /** How long the provider asked to wait. */
  readonly retryAfterMs?: number
  /** `charged`: only recharged money is missing, vouchers may still pay for other models. */
  readonly funds?: 'any' | 'charged'
  /** True when the upstream may have begun to execute the call; false when it surely has not. */
  readonly maybeRan?: boolean
  /** The caller's mistake, where another model may accept the request: the length of the input, or what it says. */
  readonly against?: 'context' | 'content'
  /** Which timeout ran out. */
  readonly phase?: 'connect' | 'first-byte' | 'first-output' | 'idle' | 'stalled' | 'total'
}
