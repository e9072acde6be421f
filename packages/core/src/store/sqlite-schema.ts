import type { Client, Transaction } from '@libsql/client/sqlite3'
import { refusal } from './sqlite-error.js'

/** Marks the file as ours (`SFPL`), so another program's database is never written to. */
const applicationId = 0x5346504c

/** Version of the tables below. Raise it with every change to them, and add the step that brings old files along. */
const schemaVersion = 1

/** What the operator said, what automation learned, and the counter by which processes notice each other's changes. */
const tables: readonly string[] = [
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

/** Creates the tables in a transaction that began with `markAsOurs`, unless another process was faster. */
export async function createTables(transaction: Transaction, path: string): Promise<void> {
  const { version } = await inspect(transaction, path)
  if (version !== 0) return
  for (const statement of tables) await transaction.execute(statement)
  await transaction.execute(`PRAGMA user_version = ${schemaVersion}`)
}
