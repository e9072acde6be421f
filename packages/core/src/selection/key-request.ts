import type { Key } from '../key/key.js'
import type { PickRequest } from '../strategy/strategy.js'

/** What a request wants of the next lease. What costs a reading of its body is read only where it matters. */
export interface KeyRequest extends PickRequest {
  /** `''` when the request names none. */
  readonly model: string
  /** Set by the pool with each take. */
  now: number
  /** Keys that served this request already; null before the first attempt. */
  tried: ReadonlySet<Key> | null
  /** How many more keys that rest by our own guess this request may wake. */
  lastResorts: number
  /** The only account that may serve it; null for any. */
  readonly account: string | null
  /** It costs nothing, whatever its model. */
  readonly isFree: boolean
  /** Tokens of the input, estimated by its size. */
  readonly promptTokens: number
  /** The most output that the request allows; null when it does not say. */
  readonly maxOutput: number | null
  /** Pictures it asks for. */
  readonly images: number
  readonly isStream: boolean
  /** Who asks, for the ledger. @default null: nobody in particular */
  readonly client?: string | null
}
