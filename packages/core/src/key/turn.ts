import type { Quota, Reservation } from '../limit/quota.js'
import type { ModelEntry } from '../model-book.js'
import type { Roster } from '../strategy/roster.js'
import type { Account } from './account.js'
import type { NeededFunds } from './health.js'
import type { Key } from './key.js'

/** One attempt under a key, from the pick until it is settled. The engine's side of a lease. */
export interface Turn {
  readonly key: Key
  /** The key's account when the attempt began; the operator may move the key meanwhile. */
  readonly account: Account
  /** `''` when the request names none. */
  readonly model: string
  readonly entry: ModelEntry
  readonly needs: NeededFunds
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number
  /** Whose strategy chose; null when the request left no choice. */
  readonly roster: Roster | null
  /** What it takes of the limits; null where nothing is counted. */
  readonly quota: Quota | null
  readonly reservation: Reservation | null
  /** For strategies that learn about conversations. */
  readonly session: string | null
  /** Its places and reservations were given back: once, whatever is reported later. */
  isReleased: boolean
}
