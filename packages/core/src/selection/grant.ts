import type { Key, KeyAccount } from '../key/key.js'
import type { Quota, Reservation } from '../limit/quota.js'
import type { NeededFunds } from '../money/funds.js'
import type { ModelEntry } from './model-registry.js'
import type { Roster } from './roster.js'

/** What is known of an attempt as it begins. */
export interface GrantInput {
  readonly key: Key
  readonly entry: ModelEntry
  readonly needs: NeededFunds
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number
  /** Whose strategy chose; null when the request left no choice. */
  readonly roster: Roster | null
  /** What it takes of the limits; null where nothing is counted. */
  readonly quota: Quota | null
  /** What it is expected to use. */
  readonly tokens: number
  readonly images: number
  /** For strategies that learn about conversations. */
  readonly session: string | null
  /** Who asked, for the ledger; null when nobody said. */
  readonly client: string | null
}

/**
 * One attempt under a key, from the pick until it is settled. The engine's side of a lease, and what it reserves of the
 * limits in one. A class, though it does nothing: what is written as `{ … }` and lives for a while is soon made among
 * the old objects, where it costs more to make, to change and to forget.
 */
export class Grant implements GrantInput, Reservation {
  readonly key: Key
  /** The key's account when the attempt began; the operator may move the key meanwhile. */
  readonly account: KeyAccount
  readonly entry: ModelEntry
  readonly needs: NeededFunds
  readonly startedAt: number
  readonly roster: Roster | null
  readonly quota: Quota | null
  readonly tokens: number
  readonly images: number
  readonly session: string | null
  readonly client: string | null
  /** When its attempt began, on the monotonic clock. */
  begunAt = 0
  /** Its places and reservations were given back: once, whatever is reported later. */
  isSettled = false
  /** For `LentTurns`: when it must have been given back, and its neighbours there. */
  dueAt = 0
  dueBefore: Grant | null = null
  dueAfter: Grant | null = null

  constructor(begun: GrantInput) {
    this.key = begun.key
    this.account = begun.key.account
    this.entry = begun.entry
    this.needs = begun.needs
    this.startedAt = begun.startedAt
    this.roster = begun.roster
    this.quota = begun.quota
    this.tokens = begun.tokens
    this.images = begun.images
    this.session = begun.session
    this.client = begun.client
  }

  /** Tells it from a refusal. */
  get kind(): 'grant' {
    return 'grant'
  }

  /** `''` when the request names none. */
  get model(): string {
    return this.entry.name
  }
}
