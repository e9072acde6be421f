import type { Key, KeyAccount } from '../key/key.js'
import type { Quota, Reservation } from '../limit/quota.js'
import type { NeededFunds } from '../money/funds.js'
import type { Cost } from '../price/price-book.js'
import type { ModelEntry } from './model-registry.js'
import type { Roster } from './roster.js'

/** An attempt as it begins. */
export interface GrantInput {
  readonly key: Key
  readonly entry: ModelEntry
  /** The model that the client named; `''` for none. */
  readonly askedModel: string
  readonly needs: NeededFunds
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number
  /** The roster whose strategy chose; null when the request left no choice. */
  readonly roster: Roster | null
  /** Where it counts against the limits; null where nothing is counted. */
  readonly quota: Quota | null
  /** What the attempt is expected to use. */
  readonly tokens: number
  readonly images: number
  /** The conversation, for strategies that learn about sessions; null for all others. */
  readonly session: string | null
  /** The caller's name for the ledger; null when the request names none. */
  readonly client: string | null
}

/**
 * One attempt under a key, from the pick until it is settled: the engine's side of a lease, and its reservation against
 * the limits. It is a class because V8 allocates object literals that survive among the old objects, where each costs
 * more to make, to change and to collect (docs/decisions/0010-rows-of-numbers.md).
 */
export class Grant implements GrantInput, Reservation {
  readonly key: Key
  /** The key's account when the attempt began; the operator may move the key meanwhile. */
  readonly account: KeyAccount
  readonly entry: ModelEntry
  readonly askedModel: string
  readonly needs: NeededFunds
  readonly startedAt: number
  readonly roster: Roster | null
  readonly quota: Quota | null
  readonly tokens: number
  readonly images: number
  readonly session: string | null
  readonly client: string | null
  /** It went beyond a learned limit, because no other account was free. */
  isBeyond = false
  /** When the attempt began, on the monotonic clock. */
  begunAt = 0
  /** What it cost; null until it is settled, and where nothing is counted. */
  cost: Cost | null = null
  /** Whether its places and reservations were given back: once, whatever is reported later. */
  isSettled = false
  /** Its links in `LeaseExpiry`: when it expires, and its neighbours there. */
  dueAt = 0
  dueBefore: Grant | null = null
  dueAfter: Grant | null = null

  constructor(begun: GrantInput) {
    this.key = begun.key
    this.account = begun.key.account
    this.entry = begun.entry
    this.askedModel = begun.askedModel
    this.needs = begun.needs
    this.startedAt = begun.startedAt
    this.roster = begun.roster
    this.quota = begun.quota
    this.tokens = begun.tokens
    this.images = begun.images
    this.session = begun.session
    this.client = begun.client
  }

  /** Tells a grant from a `Refusal`; on the prototype, so that no grant grows by it. */
  get kind(): 'grant' {
    return 'grant'
  }

  /** `''` when the request names none. */
  get model(): string {
    return this.entry.name
  }
}
