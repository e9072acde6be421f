import type { Transaction } from '@libsql/client/sqlite3'
import { requestTable } from './request-table.js'

/** What seals the keys of a file that an earlier version wrote. */
export interface Sealing {
  /** Seals every key, from column `secret` to column `sealed`. `isNew`: the file has no past. */
  begin(transaction: Transaction, isNew: boolean): Promise<void>
}

type Statement = string | ((transaction: Transaction, sealing: Sealing, isNew: boolean) => Promise<void>)

/** Marks the file as ours (`SFPL`), so that another program's database is never written to. */
export const applicationId = 0x5346504c

/** Keys, states, and the counter by which processes notice each other's changes. */
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
 * More state, and owners of resources. New columns have defaults, so that a process of the version before, which may
 * have the file open at this moment, goes on writing its own. Triggers count the owners, because counting a million
 * rows takes longer than writing one.
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

/** The balances that version 2 kept with the states of accounts, as baselines. */
export function earlierBalances(states: string): string {
  return `SELECT seq, id, coalesce(balance ->> 'at', 0) AS at, json_object('source', balance ->> 'source',
      'amount', balance ->> 'amount', 'funds', NULL, 'currency', balance ->> 'currency',
      'at', balance ->> 'at') AS baseline
    FROM ${states} WHERE balance IS NOT NULL`
}

/**
 * Daily sums of usage, and balances of accounts. The balance that version 2 kept with the state of an account becomes a
 * baseline; its column stays for processes of that version.
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
  `INSERT INTO balances (id, at, baseline) SELECT id, at, baseline FROM (${earlierBalances('account_states')})`,
]

/**
 * Keys sealed, and what tells which secret sealed them. The column `secret` goes, so that a process of a version before,
 * which may have the file open at this moment, cannot write a key in clear: its statement fails.
 */
const sealedKeys: readonly Statement[] = [
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
  (transaction, sealing, isNew) => sealing.begin(transaction, isNew),
  'ALTER TABLE keys DROP COLUMN secret',
  'CREATE INDEX keys_by_fingerprint ON keys (fingerprint)',
]

/**
 * The statements from each version to the next, beginning with an empty file: old files and new ones go the same way.
 * Steps that were released are never changed; a new version is a new step.
 */
export const schemaSteps: readonly (readonly Statement[])[] = [
  firstTables,
  ownersAndMoreState,
  usageAndBalances,
  sealedKeys,
  requestTable,
]

/** The schema version of this program. */
export const schemaVersion: number = schemaSteps.length
/** The first version that seals secrets. */
export const sealedVersion: number = schemaSteps.indexOf(sealedKeys) + 1

/** Takes the write lock and changes nothing: no other process can write until the transaction is over. */
export const takeWriteLock = 'DELETE FROM meta WHERE 0'
/** Takes the write lock of a file that has no tables yet. */
export const markAsOurs: string = `PRAGMA application_id = ${applicationId}`

export const readRevision = "SELECT value FROM meta WHERE name = 'revision'"
export const raiseRevision = "UPDATE meta SET value = value + 1 WHERE name = 'revision'"
