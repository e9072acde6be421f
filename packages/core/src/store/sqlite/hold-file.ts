import { removeCompanions } from './draft-file.js'
import { importLibsql } from './import-libsql.js'
import { isDamaged } from './store-error.js'

/** Keeps other processes from using a database. */
export interface FileHold {
  release(): void
}

/**
 * Takes a database for this process alone, with nothing left of it in companions. Throws what SQLite throws when another
 * process has it open, even idle. A file that is no database, or is damaged, cannot be held: then its companions, which
 * belong to nothing, are removed.
 */
export async function holdFile(path: string): Promise<FileHold> {
  const { createClient } = await importLibsql(path)
  const client = createClient({ url: `file:${encodeURIComponent(path)}`, concurrency: 1 })
  try {
    // Whoever has the file open holds a lock that forbids to leave its log, whether something is written or not.
    const { rows } = await client.execute('PRAGMA journal_mode = DELETE')
    if (rows[0]?.journal_mode !== 'delete') throw Object.assign(new Error('in use'), { code: 'SQLITE_BUSY' })
    await client.executeMultiple('BEGIN EXCLUSIVE')
    return { release: () => client.close() }
  } catch (error) {
    client.close()
    if (!isDamaged(error)) throw error
    removeCompanions(path)
    return { release: () => {} }
  }
}
