import type { StoredQuota } from '../key/account.js'
import type { Health } from '../key/account-health.js'
import type { Cooldown } from '../key/cooldown.js'
import type { KeyHealth } from '../key/key-health.js'
import type { StoredBalance, StoredUsage, UsageBatch, UsageRange } from './stored-usage.js'

/** What the operator said of a key. Written when a person changes something, never by automation. */
export interface StoredKey {
  readonly id: string
  /** The token itself: a store is as secret as the keys in it. */
  readonly secret: string
  readonly account: string | null
  readonly label: string | null
  readonly site: string
  readonly weight: number
  readonly enabled: boolean
  /** Milliseconds since the Unix epoch. */
  readonly addedAt: number
}

/** What automation learned of a key. Kept apart from `StoredKey`, so neither writer can undo the other. */
export interface StoredKeyState {
  readonly id: string
  readonly health: KeyHealth
  readonly requests: number
  readonly successes: number
  readonly promptTokens: number
  readonly completionTokens: number
  readonly lastUsedAt: number | null
  /** Attempts that ended otherwise than well, for reasons that are neither the caller's nor the model's. */
  readonly failures: number
  /** The id that the upstream gave to the account of this key, if it ever told; null when it did not. */
  readonly upstreamAccount: string | null
}

/** What automation learned of an account, by its id (an unnamed account bears the id of its one key). */
export interface StoredAccountState {
  readonly id: string
  readonly health: Health
  readonly cooldowns: readonly Cooldown[]
  readonly quotas: readonly StoredQuota[]
}

/** Which account created a file, batch, video or voice at the upstream, and so is the one to ask about it. */
export interface StoredOwner {
  /** The upstream's id of the thing; of a voice, its URI. */
  readonly id: string
  /** The account's id, as in `StoredAccountState`. */
  readonly account: string
  readonly kind: 'file' | 'batch' | 'video' | 'voice'
  /** When it was seen there, in milliseconds since the Unix epoch. */
  readonly at: number
}

/** Of more owners than this the oldest are forgotten. */
export const ownerLimit: number = 1_000_000
/** Owners of videos are forgotten when they are this much older than the youngest: their pictures are long gone. */
export const videoLifetimeMs: number = 7 * 24 * 3_600_000

export interface Snapshot {
  /** In the order in which they were put. */
  readonly keys: readonly StoredKey[]
  readonly keyStates: readonly StoredKeyState[]
  readonly accountStates: readonly StoredAccountState[]
  readonly balances: readonly StoredBalance[]
}

/**
 * Where keys and their state live between runs. Several processes may share one store: `putKeys` and `removeKeys`
 * are durable when they resolve (they survive a kill and a power cut) and raise `revision`, so the others notice;
 * `saveStates` is for figures that may lag. Owners outlive the keys of their accounts: a key that comes back finds
 * them. Every method rejects with a `KeyPoolError` of code `store_failed` whose message names the store (never a
 * secret in it) and says what to do; nothing is half written.
 */
export interface Store {
  load(): Promise<Snapshot>
  /** Inserts, or replaces what the operator said. Leaves the state of known keys as it is. All or nothing. */
  putKeys(keys: readonly StoredKey[]): Promise<void>
  /** Removes keys and their states. Unknown ids are passed over. */
  removeKeys(ids: readonly string[]): Promise<void>
  /** Writes states; those whose key or account is gone are harmless. */
  saveStates(keys: readonly StoredKeyState[], accounts: readonly StoredAccountState[]): Promise<void>
  /**
   * What is known of accounts' money, where it is not older than what is there; those whose account is gone are
   * harmless. Durable when it resolves, and raises `revision`.
   */
  putBalances(balances: readonly StoredBalance[]): Promise<void>
  /**
   * Adds what calls used, cost and spent to what is there, whoever else does; all or nothing. Resolves with the
   * balances of the accounts that spent something, as they stand now. Days older than `usageDays` are forgotten. May
   * lag, like `saveStates`.
   */
  addUsage(batch: UsageBatch): Promise<readonly StoredBalance[]>
  /** Gives the sums of some days to `each`, a few hundred at a time, in the order of their days. */
  readUsage(range: UsageRange, each: (rows: readonly StoredUsage[]) => void): Promise<void>
  /**
   * Remembers owners, in the place of what was known of the same ids; durable when it resolves. All or nothing.
   * Beyond `ownerLimit` the oldest go, and videos after `videoLifetimeMs`. The revision stays as it is.
   */
  putOwners(owners: readonly StoredOwner[]): Promise<void>
  /** The accounts of those ids that have a known owner, by id; also what other processes wrote. */
  ownersOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** Forgets what is gone at the upstream. Unknown ids are passed over. */
  forgetOwners(ids: readonly string[]): Promise<void>
  /** A number that grows whenever keys were put or removed, by whichever process. Cheap enough to ask each second. */
  revision(): Promise<number>
  close(): Promise<void>
}
