import type { Client, Transaction } from '@libsql/client/sqlite3'
import { applicationId, type Sealing, schemaSteps, schemaVersion } from './schema.js'
import { refusal } from './store-error.js'

/**
 * Reads the schema version of a database without changing it; 0 means a file without tables. Throws when the database
 * belongs to another program or to a later version.
 */
export async function checkVersion(
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

/** Brings a file to our version, in a transaction that holds the lock, unless another process was faster. */
export async function migrate(transaction: Transaction, path: string, sealing: Sealing): Promise<void> {
  const { version } = await checkVersion(transaction, path)
  if (version === schemaVersion) return
  for (const statement of schemaSteps.slice(version).flat()) {
    if (typeof statement === 'string') await transaction.execute(statement)
    else await statement(transaction, sealing, version === 0)
  }
  await transaction.execute(`PRAGMA user_version = ${schemaVersion}`)
}
