import type { Balance } from '../key/account.js'
import type { Cooldown } from '../key/cooldown.js'
import type { Health } from '../key/health.js'

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
  readonly health: Health
  readonly requests: number
  readonly successes: number
  readonly promptTokens: number
  readonly completionTokens: number
  readonly lastUsedAt: number | null
}

/** What automation learned of an account, by its id (an unnamed account bears the id of its one key). */
export interface StoredAccountState {
  readonly id: string
  readonly health: Health
  readonly cooldowns: readonly Cooldown[]
  readonly balance: Balance | null
}

export interface Snapshot {
  /** In the order in which they were put. */
  readonly keys: readonly StoredKey[]
  readonly keyStates: readonly StoredKeyState[]
  readonly accountStates: readonly StoredAccountState[]
}

/**
 * Where keys and their state live between runs. Several processes may share one store: `putKeys` and `removeKeys`
 * are durable when they resolve (they survive a kill and a power cut) and raise `revision`, so the others notice;
 * `saveStates` is for figures that may lag. Every method rejects with a `KeyPoolError` of code `store_failed` whose
 * message names the store (never a secret in it) and says what to do; nothing is half written.
 */
export interface Store {
  load(): Promise<Snapshot>
  /** Inserts, or replaces what the operator said. Leaves the state of known keys as it is. All or nothing. */
  putKeys(keys: readonly StoredKey[]): Promise<void>
  /** Removes keys and their states. Unknown ids are passed over. */
  removeKeys(ids: readonly string[]): Promise<void>
  /** Writes states; those whose key or account is gone are harmless. */
  saveStates(keys: readonly StoredKeyState[], accounts: readonly StoredAccountState[]): Promise<void>
  /** A number that grows whenever keys were put or removed, by whichever process. Cheap enough to ask each second. */
  revision(): Promise<number>
  close(): Promise<void>
}
