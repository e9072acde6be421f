import type { Account } from './account.js'
import type { Key } from './key.js'

/** One attempt under a key, from the pick until it is settled. The engine's side of a lease. */
export interface Turn {
  readonly key: Key
  /** The key's account when the attempt began; the operator may move the key meanwhile. */
  readonly account: Account
  /** `''` when the request names none. */
  readonly model: string
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number
}
