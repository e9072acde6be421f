import type { StoredQuota } from '../../key/account.js'
import type { Health } from '../../key/account-health.js'
import type { Cooldown } from '../../key/cooldown.js'
import type { KeyHealth } from '../../key/key-health.js'
import type { StoredAccountState, StoredKey, StoredKeyState } from '../store.js'

/*
 * Rows travel as JSON arrays, many per statement: one bound string going in, one blob coming out. That is five
 * times cheaper than a value at a time, and a blob (unlike text) may hold damaged UTF-8 without ending the process.
 */

/** How one kind of record is written and read back, some hundreds at a time. */
export interface RowFormat<Item> {
  /** Takes a JSON array of rows. */
  readonly write: string
  /** Takes the `seq` of the row before the first, and how many. Gives one column `rows`: a JSON array of rows. */
  readonly read: string
  readonly toRow: (item: Item) => Row
  readonly fromRow: (row: never) => Item
}

/** One record as a JSON array; when read, its first element is the `seq` to go on from. */
export type Row = readonly unknown[]

type KeyRow = readonly [
  seq: number,
  id: string,
  secret: string,
  account: string | null,
  label: string | null,
  site: string,
  weight: number,
  enabled: number,
  addedAt: number,
]

export const keyRows: RowFormat<StoredKey> = {
  write: `
    INSERT INTO keys (id, secret, account, label, site, weight, enabled, added_at)
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7
    FROM json_each(?) WHERE true
    ON CONFLICT (id) DO UPDATE SET secret = excluded.secret, account = excluded.account, label = excluded.label,
      site = excluded.site, weight = excluded.weight, enabled = excluded.enabled, added_at = excluded.added_at`,
  read: page('keys', 'id, secret, account, label, site, weight, enabled, added_at'),
  toRow: (key) => [
    key.id,
    key.secret,
    key.account,
    key.label,
    key.site,
    key.weight,
    key.enabled ? 1 : 0,
    key.addedAt,
  ],
  fromRow: ([, id, secret, account, label, site, weight, enabled, addedAt]: KeyRow) => ({
    id,
    secret,
    account,
    label,
    site,
    weight,
    enabled: enabled !== 0,
    addedAt,
  }),
}

type KeyStateRow = readonly [
  seq: number,
  id: string,
  health: KeyHealth,
  requests: number,
  successes: number,
  promptTokens: number,
  completionTokens: number,
  lastUsedAt: number | null,
  failures: number,
  upstreamAccount: string | null,
]

export const keyStateRows: RowFormat<StoredKeyState> = {
  // States of keys that are gone are dropped, so they cannot meet a key that is added again.
  write: `
    INSERT INTO key_states (id, health, requests, successes, prompt_tokens, completion_tokens, last_used_at,
      failures, upstream_account)
    SELECT value ->> 0, value -> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
      value ->> 7, value ->> 8
    FROM json_each(?) WHERE EXISTS (SELECT 1 FROM keys WHERE keys.id = value ->> 0)
    ON CONFLICT (id) DO UPDATE SET health = excluded.health, requests = excluded.requests,
      successes = excluded.successes, prompt_tokens = excluded.prompt_tokens,
      completion_tokens = excluded.completion_tokens, last_used_at = excluded.last_used_at,
      failures = excluded.failures, upstream_account = excluded.upstream_account`,
  read: page(
    'key_states',
    `id, json(health), requests, successes, prompt_tokens, completion_tokens, last_used_at, failures,
      upstream_account`,
  ),
  toRow: (state) => [
    state.id,
    state.health,
    state.requests,
    state.successes,
    state.promptTokens,
    state.completionTokens,
    state.lastUsedAt,
    state.failures,
    state.upstreamAccount,
  ],
  fromRow: ([
    ,
    id,
    health,
    requests,
    successes,
    promptTokens,
    completionTokens,
    lastUsedAt,
    failures,
    upstreamAccount,
  ]: KeyStateRow) => ({
    id,
    health,
    requests,
    successes,
    promptTokens,
    completionTokens,
    lastUsedAt,
    failures,
    upstreamAccount,
  }),
}

/** An account exists while a key names it; an unnamed one while its key, whose id it bears, does. */
export const accountExists = (id: string): string => `(
  EXISTS (SELECT 1 FROM keys WHERE keys.account = ${id})
  OR EXISTS (SELECT 1 FROM keys WHERE keys.id = ${id} AND keys.account IS NULL))`

type AccountStateRow = readonly [
  seq: number,
  id: string,
  health: Health,
  cooldowns: readonly Cooldown[],
  quotas: readonly StoredQuota[],
]

export const accountStateRows: RowFormat<StoredAccountState> = {
  write: `
    INSERT INTO account_states (id, health, cooldowns, quotas)
    SELECT value ->> 0, value -> 1, value -> 2, value -> 3
    FROM json_each(?) WHERE ${accountExists('value ->> 0')}
    ON CONFLICT (id) DO UPDATE SET health = excluded.health, cooldowns = excluded.cooldowns,
      quotas = excluded.quotas`,
  read: page('account_states', 'id, json(health), json(cooldowns), json(quotas)'),
  toRow: (state) => [state.id, state.health, state.cooldowns, state.quotas],
  fromRow: ([, id, health, cooldowns, quotas]: AccountStateRow) => ({ id, health, cooldowns, quotas }),
}

/** Each takes a JSON array of ids. */
export const removal: Readonly<
  Record<'accounts' | 'keys' | 'keyStates' | 'emptyAccounts' | 'emptyBalances', string>
> = {
  /** The accounts of the keys, to be looked at again once the keys are gone; one column `rows`. */
  accounts: `
    SELECT CAST(json_group_array(DISTINCT coalesce(account, id)) AS BLOB) AS rows
    FROM keys WHERE id IN (SELECT value FROM json_each(?))`,
  keys: 'DELETE FROM keys WHERE id IN (SELECT value FROM json_each(?))',
  keyStates: 'DELETE FROM key_states WHERE id IN (SELECT value FROM json_each(?))',
  emptyAccounts: `
    DELETE FROM account_states WHERE id IN (SELECT value FROM json_each(?))
    AND NOT ${accountExists('account_states.id')}`,
  emptyBalances: `
    DELETE FROM balances WHERE id IN (SELECT value FROM json_each(?))
    AND NOT ${accountExists('balances.id')}`,
}

/**
 * The text of a statement's argument. Lone surrogates, which no UTF-8 can hold, become replacement characters:
 * SQLite would store them as they are and the driver ends the process when it meets them again.
 */
export function encodeRows(rows: readonly unknown[]): string {
  return JSON.stringify(rows, (_, value: unknown) =>
    typeof value === 'string' && loneSurrogate.test(value) ? value.replace(loneSurrogates, '\ufffd') : value,
  )
}

export function decodeRows(blob: unknown): unknown[] {
  return JSON.parse(new TextDecoder().decode(blob as ArrayBuffer)) as unknown[]
}

const loneSurrogate = /\p{Surrogate}/u
const loneSurrogates = /\p{Surrogate}/gu

export function page(table: string, columns: string): string {
  return `SELECT CAST(json_group_array(json_array(seq, ${columns})) AS BLOB) AS rows
    FROM (SELECT * FROM ${table} WHERE seq > ? ORDER BY seq LIMIT ?)`
}
