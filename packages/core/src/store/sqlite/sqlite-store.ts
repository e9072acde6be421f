import { LibsqlServer } from './libsql-server.js'
import { type FullStore, sqlStore } from './sql-store.js'
import { SqliteConnection } from './sqlite-connection.js'
import { checkedOptions, checkedServerOptions, type SqliteStoreOptions } from './sqlite-store-options.js'

/**
 * Keeps keys and their state in a SQLite file that several processes may use at once: a server and commands beside
 * it; or, with `url`, on a libsql server, which several machines may use. Rejects with a `KeyPoolError` of code `store_failed` when the file cannot be used; a file of another program,
 * of a later version, or that is no database is left as it is. So is one whose secret is lost or wrong: then the error
 * has the `param` "secret". The secrets of keys are sealed with AES-256-GCM. Needs the package `@libsql/client`, an optional peer
 * dependency.
 */
export async function sqliteStore(options: SqliteStoreOptions): Promise<FullStore> {
  const { path, url } = options
  if (url !== undefined) {
    const settings = checkedServerOptions({ ...options, url })
    return sqlStore(await LibsqlServer.open(settings), settings)
  }
  // A path that is missing is refused as one that is wrong.
  const settings = checkedOptions({ ...options, path: path as string })
  return sqlStore(await SqliteConnection.open(settings), settings)
}
