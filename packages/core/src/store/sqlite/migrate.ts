import { applicationId, schemaSteps, schemaVersion, versionInTable } from './schema.js'
import type { SqlSession } from './sql-port.js'
import type { Sealing } from './steps/step.js'
import { refusal } from './store-error.js'

/** Where a store is. */
export interface StorePlace {
  /** How messages name it: a path, or an address without its token. */
  readonly name: string
  /** A file of SQLite also has its version in its head, which earlier versions of this program read. */
  readonly isFile: boolean
}

/** Takes the place of the file's marks where nothing but tables tells whose a database is. */
const marksInTables = `
  SELECT ${applicationId} * (sum(name IN ('keys', 'key_states', 'meta', 'seal')) = 4) AS application, 0 AS version,
    count(*) AS objects, coalesce(sum(name = 'meta'), 0) AS meta
  FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*'
    AND name NOT GLOB 'd1_*' AND name NOT GLOB 'libsql_*'`

const marksInFile = `
  SELECT (SELECT application_id FROM pragma_application_id) AS application,
    (SELECT user_version FROM pragma_user_version) AS version, (SELECT count(*) FROM sqlite_schema) AS objects`

const versionRow = "SELECT value FROM meta WHERE name = 'schema'"

/** Takes the version. */
const writeVersion = `
  INSERT INTO meta (name, value) VALUES ('schema', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`

/**
 * Reads the schema version of a database without changing it; 0 means one without tables. Throws when the database
 * belongs to another program or to a later version.
 */
export async function checkVersion(
  session: Pick<SqlSession, 'rows'>,
  { name, isFile }: StorePlace,
): Promise<{ version: number }> {
  const [row = {}] = await session.rows(isFile ? marksInFile : marksInTables)
  const inHead = Number(row.version)
  const isBlank = inHead === 0 && Number(row.objects) === 0 && (!isFile || row.application === 0)
  if (isBlank) return { version: 0 }
  if (row.application !== applicationId) {
    const what = isFile ? 'the file is the database' : 'the database is that'
    throw refusal(
      name,
      `${what} of another program and was left as it is; give another ${isFile ? 'path' : 'address'}`,
    )
  }
  const hasRow = isFile ? inHead >= versionInTable : Number(row.meta) > 0
  const inTable = hasRow ? Number((await session.rows(versionRow))[0]?.value ?? 0) : 0
  const version = Math.max(inHead, inTable)
  if (version > schemaVersion) {
    const versions = `schema ${version}, this version knows ${schemaVersion}`
    throw refusal(
      name,
      `a later version wrote it (${versions}) and it was left as it is; upgrade, or give another path`,
    )
  }
  return { version }
}

/** Brings a database to our version, in a transaction that holds the lock, unless another process was faster. */
export async function migrate(session: SqlSession, place: StorePlace, sealing: Sealing): Promise<void> {
  const { version } = await checkVersion(session, place)
  if (version === schemaVersion) return
  for (const statement of schemaSteps.slice(version).flat()) {
    if (typeof statement === 'string') await session.write(statement)
    else await statement(session, sealing, version === 0)
  }
  await session.write(writeVersion, [schemaVersion])
  // Last, as it does without a transaction of its own: earlier versions of this program look at the head alone.
  if (place.isFile) await session.write(`PRAGMA user_version = ${schemaVersion}`)
}
