import type { KeyHealth } from '../../key/key-health.js'
import type { Opener, Sealer } from '../sealing/sealer.js'
import type { StoredKey, StoredKeyState } from '../store.js'
import { type RowFormat, readRows, selectRows, writeRows } from './rows.js'
import type { SqlSession } from './sql-port.js'
import { damage } from './store-error.js'

type KeyRow = readonly [
  seq: number,
  id: string,
  sealed: string,
  upstream: string,
  account: string | null,
  label: string | null,
  site: string,
  weight: number,
  enabled: number,
  addedAt: number,
]

/** Binds a sealed secret to its row: moved to another key, it does not open. */
export const placeOf = (id: string): string => `sfpool key ${id}`

const readKeyRows = selectRows(
  'keys',
  'id, sealed, upstream, account, label, site, weight, enabled, added_at',
)

/** Takes a JSON array of rows. A secret that stays the same keeps its seal, which its fingerprint tells. */
const writeKeyRows = `
  INSERT INTO keys (id, sealed, fingerprint, upstream, account, label, site, weight, enabled, added_at)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
    value ->> 8, value ->> 9
  FROM json_each(?) WHERE true
  ON CONFLICT (id) DO UPDATE SET upstream = excluded.upstream, account = excluded.account, label = excluded.label, site = excluded.site,
    weight = excluded.weight, enabled = excluded.enabled, added_at = excluded.added_at,
    sealed = CASE WHEN fingerprint = excluded.fingerprint THEN sealed ELSE excluded.sealed END,
    fingerprint = excluded.fingerprint`

/** Seals and writes keys. */
export async function writeKeys(
  session: SqlSession,
  sealer: Sealer,
  keys: readonly StoredKey[],
): Promise<void> {
  await writeRows(
    session,
    {
      write: writeKeyRows,
      toRow: ({ id, secret, upstream, account, label, site, weight, enabled, addedAt }: StoredKey) => [
        id,
        sealer.seal(placeOf(id), secret),
        sealer.fingerprint(secret),
        upstream,
        account,
        label,
        site,
        weight,
        enabled ? 1 : 0,
        addedAt,
      ],
    },
    keys,
  )
}

/** Reads all keys. Throws when secrets do not open. */
export async function readKeys(session: SqlSession, opener: Opener, path: string): Promise<StoredKey[]> {
  const damaged: string[] = []
  const keys = await readRows(session, {
    read: readKeyRows,
    fromRow: ([
      ,
      id,
      sealed,
      upstream,
      account,
      label,
      site,
      weight,
      enabled,
      addedAt,
    ]: KeyRow): StoredKey => {
      const secret = opener.open(placeOf(id), sealed)
      if (secret === undefined) damaged.push(id)
      return {
        id,
        secret: secret ?? '',
        upstream,
        account,
        label,
        site,
        weight,
        enabled: enabled !== 0,
        addedAt,
      }
    },
  })
  if (damaged.length > 0) throw damage(path, damaged)
  return keys
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
