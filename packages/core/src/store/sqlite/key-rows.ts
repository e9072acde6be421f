import type { KeyHealth } from '../../key/key-health.js'
import type { StoredKey, StoredKeyState } from '../store.js'
import { type RowFormat, selectRows } from './rows.js'

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
  read: selectRows('keys', 'id, secret, account, label, site, weight, enabled, added_at'),
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
  // States of removed keys are dropped, so that a key that is added again does not get them.
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
  read: selectRows(
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
