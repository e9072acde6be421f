import { type FullStore, sqlStore } from './sql-store.js'
import { SqliteConnection } from './sqlite-connection.js'
import { checkedOptions, type SqliteStoreOptions } from './sqlite-store-options.js'

/**
 * Keeps keys and their state in a SQLite file that several processes may use at once: a server and commands beside
 * it. Rejects with a `KeyPoolError` of code `store_failed` when the file cannot be used; a file of another program,
 * of a later version, or that is no database is left as it is. So is one whose secret is lost or wrong: then the error
 * has the `param` "secret". The secrets of keys are sealed with AES-256-GCM. Needs the package `@libsql/client`, an optional peer
 * dependency.
 */
export async function sqliteStore(options: SqliteStoreOptions): Promise<FullStore> {
  const settings = checkedOptions(options)
  return sqlStore(await SqliteConnection.open(settings), settings)
}
