import type { Client, Transaction } from '@libsql/client/sqlite3'
import { refusal } from './store-error.js'

/** Marks the file as ours (`SFPL`), so another program's database is never written to. */
const applicationId = 0x5346504c

/** What the operator said, what automation learned, and the counter by which processes notice each other's changes. */
const firstTables: readonly string[] = [
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
  "INSERT INTO meta (name, value) VALUES ('revision', 0)",
]

/**
 * More state, and the owners of what accounts created. New columns have defaults, so that a process of the version
 * before, which may have the file open just now, goes on writing its own. Triggers count the owners, because to count
 * a million rows takes longer than to write one.
 */
const ownersAndMoreState: readonly string[] = [
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
]

/**
 * Daily sums, and what is reckoned of accounts' money. The balance that version 2 kept with the state of an account
 * becomes a baseline; its column stays for processes of that version.
 */
const usageAndBalances: readonly string[] = [
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
]

/**
 * From each version to the next, from an empty file on: a file that was brought along and a new one went the same
 * way. Steps that were released are never changed; a new version is a new step.
 */
const steps: readonly (readonly string[])[] = [firstTables, ownersAndMoreState, usageAndBalances]

/** The version that this program writes. */
export const schemaVersion: number = steps.length

/** Changes nothing; no other process can write until the transaction it stands in is over. */
export const takeWriteLock = 'DELETE FROM meta WHERE 0'
/** The same for a file that has no tables yet. */
export const markAsOurs: string = `PRAGMA application_id = ${applicationId}`

export const readRevision = "SELECT value FROM meta WHERE name = 'revision'"
export const raiseRevision = "UPDATE meta SET value = value + 1 WHERE name = 'revision'"

/**
 * Looks at a database without changing it and gives its schema version, 0 when it still has to be filled with our
 * tables. Throws when it belongs to another program or to a later version.
 */
export async function inspect(
  database: Pick<Client, 'execute'> | Transaction,
  path: string,
): Promise<{ version: number }> {
  const { rows } = await database.execute(
    `SELECT (SELECT application_id FROM pragma_application_id) AS application,
      (SELECT user_version FROM pragma_user_version) AS version,
      (SELECT count(*) FROM sqlite_schema) AS objects`,
  )
  const { application, objects, ...row }: Record<string, unknown> = rows[0] ?? {}
  const version = Number(row.version)
  const isBlank = application === 0 && version === 0 && objects === 0
  if (application !== applicationId && !isBlank) {
    throw refusal(
      path,
      'the file is the database of another program and was left as it is; give another path',
    )
  }
  if (version > schemaVersion) {
    const versions = `schema ${version}, this version knows ${schemaVersion}`
    throw refusal(
      path,
      `a later version wrote it (${versions}) and it was left as it is; upgrade, or give another path`,
    )
  }
  return { version }
}

/** Brings the file to our version, in a transaction that holds the lock, unless another process was faster. */
export async function bringAlong(transaction: Transaction, path: string): Promise<void> {
  const { version } = await inspect(transaction, path)
  if (version === schemaVersion) return
  for (const statement of steps.slice(version).flat()) await transaction.execute(statement)
  await transaction.execute(`PRAGMA user_version = ${schemaVersion}`)
}
