import { type Client, createClient } from '@libsql/client/sqlite3'
import { type MasterSecret, secretOfText } from '../../sealing/master-secret.js'
import { sealWith } from '../../sealing/seal-record.js'
import type { Snapshot } from '../../store.js'
import { storedKeys } from '../../testing/stored-keys.js'

export const clientOf = (path: string): Client =>
  createClient({ url: `file:${encodeURIComponent(path)}`, concurrency: 1 })

/** The statements of version 1, word for word: files that it wrote are in use. */
const version1 = [
  'PRAGMA application_id = 1397117004',
  `CREATE TABLE keys (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    secret TEXT NOT NULL,
    account TEXT,
    label TEXT,
    site TEXT NOT NULL,
    weight REAL NOT NULL,
    enabled INTEGER NOT NULL,
    added_at INTEGER NOT NULL
  ) STRICT`,
  'CREATE INDEX keys_by_account ON keys (account) WHERE account IS NOT NULL',
  `CREATE TABLE key_states (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    health TEXT NOT NULL,
    requests INTEGER NOT NULL,
    successes INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    last_used_at INTEGER
  ) STRICT`,
  `CREATE TABLE account_states (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    health TEXT NOT NULL,
    cooldowns TEXT NOT NULL,
    balance TEXT
  ) STRICT`,
  'CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID',
  "INSERT INTO meta (name, value) VALUES ('revision', 7)",
  'PRAGMA user_version = 1',
] as const

/** The statements that version 2 added, word for word. */
const version2 = [
  'ALTER TABLE key_states ADD COLUMN failures INTEGER NOT NULL DEFAULT 0',
  'ALTER TABLE key_states ADD COLUMN upstream_account TEXT',
  "ALTER TABLE account_states ADD COLUMN quotas TEXT NOT NULL DEFAULT '[]'",
  `CREATE TABLE owners (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT`,
  'CREATE INDEX owners_by_age ON owners (at)',
  "CREATE INDEX videos_by_age ON owners (at) WHERE kind = 'video'",
  "INSERT INTO meta (name, value) VALUES ('owners', 0)",
  `CREATE TRIGGER owner_added AFTER INSERT ON owners BEGIN
    UPDATE meta SET value = value + 1 WHERE name = 'owners';
  END`,
  `CREATE TRIGGER owner_gone AFTER DELETE ON owners BEGIN
    UPDATE meta SET value = value - 1 WHERE name = 'owners';
  END`,
  'PRAGMA user_version = 2',
] as const

/** The statements that version 3 added, word for word. */
const version3 = [
  `CREATE TABLE usage (
    book TEXT NOT NULL,
    day INTEGER NOT NULL,
    name TEXT NOT NULL,
    part_of TEXT NOT NULL,
    currency TEXT NOT NULL,
    requests INTEGER NOT NULL,
    successes INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    images INTEGER NOT NULL,
    cost_whole INTEGER NOT NULL,
    cost_part INTEGER NOT NULL,
    unknown_costs INTEGER NOT NULL,
    PRIMARY KEY (book, day, name, part_of, currency)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE balances (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    baseline TEXT NOT NULL,
    any_whole INTEGER NOT NULL DEFAULT 0,
    any_part INTEGER NOT NULL DEFAULT 0,
    charged_whole INTEGER NOT NULL DEFAULT 0,
    charged_part INTEGER NOT NULL DEFAULT 0,
    unknown_costs INTEGER NOT NULL DEFAULT 0
  ) STRICT`,
  `INSERT INTO balances (id, at, baseline)
    SELECT id, coalesce(balance ->> 'at', 0), json_object('source', balance ->> 'source',
      'amount', balance ->> 'amount', 'funds', NULL, 'currency', balance ->> 'currency', 'at', balance ->> 'at')
    FROM account_states WHERE balance IS NOT NULL`,
  'PRAGMA user_version = 3',
] as const

/** The statements that version 4 added, word for word; keys are sealed between the two lists. */
const version4 = [
  "ALTER TABLE keys ADD COLUMN sealed TEXT NOT NULL DEFAULT ''",
  "ALTER TABLE keys ADD COLUMN fingerprint TEXT NOT NULL DEFAULT ''",
  `CREATE TABLE seal (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    salt TEXT NOT NULL,
    derivation TEXT NOT NULL,
    name TEXT NOT NULL,
    constant TEXT NOT NULL,
    sum TEXT NOT NULL
  ) STRICT`,
] as const
const version4AfterSealing = [
  'ALTER TABLE keys DROP COLUMN secret',
  'CREATE INDEX keys_by_fingerprint ON keys (fingerprint)',
  'PRAGMA user_version = 4',
] as const

/**
 * Closes the file with all that was written in it. The statements of a client live until they are collected as garbage,
 * and its log with them, which would change the file at any time.
 */
async function close(client: Client): Promise<void> {
  await client.execute('PRAGMA wal_checkpoint(TRUNCATE)')
  client.close()
}

const cooldown = { model: 'm', since: 1, until: 2, reason: 'rate-limited', meter: 'TPM', strikes: 3 } as const
const balance = { amount: '1.50', currency: 'CNY', source: 'known', at: 7 }

/** Makes a file of version 1 with some keys, the state of one, and the state of its account. */
export async function fileOfVersion1(path: string, keyCount = 200): Promise<string> {
  const client = clientOf(path)
  await client.executeMultiple('PRAGMA journal_mode = WAL')
  for (const statement of version1) await client.execute(statement)
  for (const { id, secret, site, weight, addedAt } of storedKeys(0, keyCount)) {
    await client.execute({
      sql: 'INSERT INTO keys (id, secret, site, weight, enabled, added_at) VALUES (?, ?, ?, ?, 1, ?)',
      args: [id, secret, site, weight, addedAt],
    })
  }
  const health = JSON.stringify({ status: 'invalid', reason: 'refused', since: 5 })
  await client.execute({
    sql: "INSERT INTO key_states VALUES (NULL, 'key-1', ?, 4, 3, 2, 1, 9)",
    args: [health],
  })
  await client.execute({
    sql: "INSERT INTO account_states VALUES (NULL, 'key-1', ?, ?, ?)",
    args: [JSON.stringify({ status: 'ready' }), JSON.stringify([cooldown]), JSON.stringify(balance)],
  })
  await close(client)
  return path
}

/** The same file as version 2 left it, with an owner. */
export async function fileOfVersion2(path: string, keyCount?: number): Promise<string> {
  await fileOfVersion1(path, keyCount)
  const client = clientOf(path)
  for (const statement of version2) await client.execute(statement)
  await client.execute("INSERT INTO owners (id, account, kind, at) VALUES ('file-1', 'key-1', 'file', 1)")
  await close(client)
  return path
}

/** The same file as version 3 left it. Its secrets lie in clear. */
export async function fileOfVersion3(path: string, keyCount?: number): Promise<string> {
  await fileOfVersion2(path, keyCount)
  const client = clientOf(path)
  for (const statement of version3) await client.execute(statement)
  await close(client)
  return path
}

/** The secret of files of version 4. */
export const secretOfVersion4 = 'sfpool-secret-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

/** The same file as version 4 left it, sealed with `secretOfVersion4`, with a day of usage. */
export async function fileOfVersion4(path: string, keyCount?: number): Promise<string> {
  await fileOfVersion3(path, keyCount)
  const client = clientOf(path)
  await client.execute(
    "INSERT INTO usage VALUES ('keys', 20700, 'key-0', 'acme', 'CNY', 1, 2, 3, 4, 5, 6, 7, 0, 8, 9)",
  )
  for (const statement of version4) await client.execute(statement)
  const { record, sealer } = await sealWith(secretOfText(secretOfVersion4) as MasterSecret)
  const { salt, derivation, name, constant, sum } = record
  await client.execute({
    sql: 'INSERT INTO seal (one, salt, derivation, name, constant, sum) VALUES (1, ?, ?, ?, ?, ?)',
    args: [salt, derivation, name, constant, sum],
  })
  for (const { id, secret } of (await client.execute('SELECT id, secret FROM keys')).rows) {
    await client.execute({
      sql: 'UPDATE keys SET sealed = ?, fingerprint = ? WHERE id = ?',
      args: [sealer.seal(`sfpool key ${id}`, String(secret)), sealer.fingerprint(String(secret)), String(id)],
    })
  }
  for (const statement of version4AfterSealing) await client.execute(statement)
  await close(client)
  return path
}

/** What a store reads from a file of any of these versions. */
export const contentOfOldFile: Snapshot = {
  keys: storedKeys(0, 200),
  keyStates: [
    {
      id: 'key-1',
      health: { status: 'invalid', reason: 'refused', since: 5 },
      requests: 4,
      successes: 3,
      promptTokens: 2,
      completionTokens: 1,
      lastUsedAt: 9,
      failures: 0,
      upstreamAccount: null,
    },
  ],
  accountStates: [
    { upstream: 'default', id: 'key-1', health: { status: 'ready' }, cooldowns: [cooldown], quotas: [] },
  ],
  balances: [
    {
      upstream: 'default',
      id: 'key-1',
      baseline: {
        source: 'known',
        amount: 1_500_000_000_000n,
        funds: null,
        currency: 'CNY',
        at: 7,
      },
      spent: { any: 0n, charged: 0n, unknown: 0 },
    },
  ],
}
