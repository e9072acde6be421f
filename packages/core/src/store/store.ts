import type { HistoryBatch, HistoryBlock, HistoryRange } from '../history/stored-history.js'
import type { StoredQuota } from '../key/account.js'
import type { Health } from '../key/account-health.js'
import type { Cooldown } from '../key/cooldown.js'
import type { KeyHealth } from '../key/key-health.js'
import type { Records } from './records.js'
import type { StoreListener } from './store-news.js'
import type { RequestBatch, RequestPage, RequestQuery } from './stored-request.js'
import type { StoredBalance, StoredUsage, UsageBatch, UsageRange } from './stored-usage.js'

/** The settings of a key. Written when a person changes something, never by automation. */
export interface StoredKey {
  readonly id: string
  /** The token itself: a store is as secret as the keys in it. */
  readonly secret: string
  /** The name of the upstream that takes it. Ids are unique over all upstreams. */
  readonly upstream: string
  readonly account: string | null
  readonly label: string | null
  readonly site: string
  readonly weight: number
  readonly enabled: boolean
  /** Milliseconds since the Unix epoch. */
  readonly addedAt: number
}

/** The state of a key, as automation found it. Kept apart from `StoredKey`, so that neither writer undoes the other. */
export interface StoredKeyState {
  readonly id: string
  readonly health: KeyHealth
  readonly requests: number
  readonly successes: number
  readonly promptTokens: number
  readonly completionTokens: number
  readonly lastUsedAt: number | null
  /** Attempts that failed for reasons that are neither the caller's nor the model's. */
  readonly failures: number
  /** The upstream's id of the key's account; null when the upstream has not reported one. */
  readonly upstreamAccount: string | null
}

/**
 * The state of an account, as automation found it. An account without a name has the id of its only key. Accounts of the
 * same name at two upstreams are two accounts.
 */
export interface StoredAccountState {
  readonly upstream: string
  readonly id: string
  readonly health: Health
  readonly cooldowns: readonly Cooldown[]
  readonly quotas: readonly StoredQuota[]
}

/** The account that created a file, batch, video or voice at the upstream: only that account knows it. */
export interface StoredOwner {
  /** The upstream's id of the resource; of a voice, its URI. */
  readonly id: string
  /** The account's id, as in `StoredAccountState`. */
  readonly account: string
  readonly kind: 'file' | 'batch' | 'video' | 'voice'
  /** When the pool last saw the resource there, in milliseconds since the Unix epoch. */
  readonly at: number
}

export interface Snapshot {
  /** In the order in which the keys were first put. */
  readonly keys: readonly StoredKey[]
  readonly keyStates: readonly StoredKeyState[]
  readonly accountStates: readonly StoredAccountState[]
  readonly balances: readonly StoredBalance[]
}

/**
 * Keeps keys and their state between runs. Several processes may share one store: `putKeys` and `removeKeys` are
 * durable when they resolve (they survive a kill and a power cut) and raise `revision`, so that other processes notice;
 * `saveStates` is for figures that may lag. Owners outlive the keys of their accounts: a key that comes back finds
 * them. Every method rejects with a `KeyPoolError` of code `store_failed` whose message names the store (never a
 * secret in it) and says what to do; nothing is half written.
 */
export interface Store {
  load(): Promise<Snapshot>
  /** Inserts keys, or replaces their settings. Leaves the state of known keys as it is. All or nothing. */
  putKeys(keys: readonly StoredKey[]): Promise<void>
  /** Removes keys and their states. Unknown ids are ignored. */
  removeKeys(ids: readonly string[]): Promise<void>
  /** Writes states. Those whose key or account is gone are ignored. */
  saveStates(keys: readonly StoredKeyState[], accounts: readonly StoredAccountState[]): Promise<void>
  /**
   * Writes balances, unless the store has a later baseline. Those whose account is gone are ignored. Durable when it
   * resolves, and raises `revision`.
   */
  putBalances(balances: readonly StoredBalance[]): Promise<void>
  /**
   * Adds what calls used, cost and spent to the stored sums, to which other processes add, too. All or nothing.
   * Resolves with the balances of the accounts that spent something, as they are now. Days older than `usageDays` are
   * forgotten. May lag, like `saveStates`.
   */
  addUsage(batch: UsageBatch): Promise<readonly StoredBalance[]>
  /** Passes the sums of some days to `each`, a few hundred at a time, in the order of their days. */
  readUsage(range: UsageRange, each: (rows: readonly StoredUsage[]) => void): Promise<void>
  /**
   * Records owners, in place of earlier ones of the same ids; durable when it resolves. All or nothing. Beyond
   * `ownerLimit` the oldest are forgotten, and videos after `videoLifetimeMs`. The revision stays as it is.
   */
  putOwners(owners: readonly StoredOwner[]): Promise<void>
  /** Resolves with the account of each id that has a known owner; other processes may have written it. */
  ownersOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** Forgets resources that are gone at the upstream. Unknown ids are ignored. */
  forgetOwners(ids: readonly string[]): Promise<void>
  /**
   * Settings, clients, users, sessions and journals. A store without it serves, too: they are then kept in memory, and
   * gone when the process ends.
   */
  readonly records?: Records
  /**
   * Tells of changes and faults from now on, within a second; returns a function that ends it. Of its own changes of keys
   * a store may keep silent, because whoever made them knows them; of changes of records it tells all. A store whose
   * content nobody else can change need not tell of keys at all. Without it, the pool asks for `revision` each second.
   */
  watch?(listener: StoreListener): () => void
  /**
   * Adds the figures of minutes to those that are stored, to which other processes add, too; all or nothing. Sums up
   * hours and days that are over, and forgets what is older than it is kept. May lag, like `saveStates`. A store without
   * this and `readHistory` serves, too: history is then kept in memory.
   */
  addHistory?(batch: HistoryBatch): Promise<void>
  /**
   * Passes the figures of a time to `each`, by upstream, and within it mostly in the order of time. A step may come in
   * parts, which add up.
   */
  readHistory?(range: HistoryRange, each: (block: HistoryBlock) => void): Promise<void>
  /**
   * Adds entries to the request log, and forgets the oldest beyond what is kept; all or nothing. May lag, like
   * `saveStates`. A store without this and `readRequests` serves, too: the log is then kept in memory.
   */
  addRequests?(batch: RequestBatch): Promise<void>
  /** A page of the request log. Rejects with a `RangeError` for a cursor that is none. */
  readRequests?(query: RequestQuery): Promise<RequestPage>
  /** A number that grows whenever a process puts or removes keys. Cheap enough to be read each second. */
  revision(): Promise<number>
  close(): Promise<void>
}
