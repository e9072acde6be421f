import { readSealRecord } from './seal-rows.js'
import { sqlInThread } from './sql-in-thread.js'
import { SqliteConnection } from './sqlite-connection.js'
import { checkedOptions, type SqliteFileOptions } from './sqlite-store-options.js'
import { refusal } from './store-error.js'

/** What is in a store. */
export interface StoreContents {
  /** Number of keys. */
  readonly keys: number
  /** Names the secret that opens them; empty in a store of an earlier version, whose keys are not sealed yet. */
  readonly fingerprint: string
}

/** Reads what is in an open store. */
export function contentsOf(connection: SqliteConnection): Promise<StoreContents> {
  return connection.transaction('read', async (session) => {
    const [row] = await session.rows('SELECT count(*) AS keys FROM keys')
    const record = connection.isSealed ? await readSealRecord(session) : undefined
    return { keys: Number(row?.keys), fingerprint: record?.name ?? '' }
  })
}

/**
 * Opens a copy of a store, which seals it if an earlier version wrote it, and leaves it as one whole file without
 * companions. Rejects when it is damaged, or the secret does not open it.
 */
export async function completeCopy(options: SqliteFileOptions): Promise<StoreContents> {
  const { path } = options
  const connection = await SqliteConnection.open(checkedOptions(options))
  let contents: StoreContents
  try {
    contents = await contentsOf(connection)
    await connection.leaveLog()
  } finally {
    await connection.close()
  }
  await assertSound(path)
  return contents
}

/** Rejects when the file is damaged somewhere, also where nobody would have looked. */
export async function assertSound(path: string): Promise<void> {
  const rows = await sqlInThread(path, 'PRAGMA integrity_check(1)')
  const [found] = rows.map((row) => String(row.integrity_check))
  if (found !== 'ok') throw refusal(path, `the file is damaged: ${found}`)
}
