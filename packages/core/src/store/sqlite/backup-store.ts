import { access, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { KeyPoolError } from '../../errors.js'
import { draftBeside, makePrivate, publish, removeDraft } from './draft-file.js'
import { identityOf } from './file-identity.js'
import { createFolder } from './private-file.js'
import { sqlInThread } from './sql-in-thread.js'
import { SqliteConnection } from './sqlite-connection.js'
import { checkedOptions, type SqliteFileOptions } from './sqlite-store-options.js'
import { reasonOf, storeError } from './store-error.js'
import { contentsOf, type StoreContents } from './whole-store.js'

/** How a store is opened to be copied, or put back. */
export type CopyOptions = Omit<SqliteFileOptions, 'ownerLimit' | 'readOnly' | 'watchIntervalMs'>

export interface BackupOptions extends CopyOptions {
  /** The file of the backup. It is made, readable by its owner alone. */
  readonly to: string
  /** Whether a file that is there may be replaced. @default false */
  readonly replace?: boolean
}

export interface StoreBackup extends StoreContents {
  readonly path: string
  readonly bytes: number
}

/**
 * Copies a store into one file, as it is at one moment, while other processes, and this one, go on with it. The copy is
 * a store itself: it opens with the secret that the store has now. A store of an earlier version is sealed first.
 * Rejects like `sqliteStore`, and when there is a file already. Whenever the process ends, the file is there whole, or
 * not at all (then a file `….partial` may stay).
 */
export async function backupStore(options: BackupOptions): Promise<StoreBackup> {
  const { to: given, replace = false, ...opening } = options
  const settings = checkedOptions(opening)
  const { path } = settings
  const to = resolve(given)
  await access(path).catch((error: unknown) => {
    throw storeError(path, 'open', error)
  })
  if (identityOf(to) === identityOf(path)) throw failure(to, 'it is the store itself; give another path')
  if (!replace && identityOf(to) !== 'missing') throw failure(to, existsAlready)
  const connection = await SqliteConnection.open(settings)
  const draft = draftBeside(to)
  try {
    createFolder(to)
    makePrivate(draft)
    await sqlInThread(path, 'VACUUM INTO ?', [draft])
    publish(draft, to, replace)
    return { path: to, bytes: (await stat(to)).size, ...(await contentsOf(connection)) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw failure(to, existsAlready)
    throw KeyPoolError.isInstance(error) ? error : failure(to, reasonOf(error))
  } finally {
    removeDraft(draft)
    await connection.close()
  }
}

const existsAlready = 'a file of this name exists already; give another path, or allow that it is replaced'

const failure = (path: string, reason: string): KeyPoolError =>
  new KeyPoolError('store_failed', `could not write the backup ${path}: ${reason}`)
