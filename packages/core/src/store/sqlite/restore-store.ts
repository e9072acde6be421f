import { constants, copyFileSync, existsSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { KeyPoolError } from '../../errors.js'
import type { CopyOptions } from './backup-store.js'
import { draftBeside, makePrivate, publish, removeCompanions, removeDraft } from './draft-file.js'
import { identityOf } from './file-identity.js'
import { type FileHold, holdFile } from './hold-file.js'
import { createFolder } from './private-file.js'
import { checkedOptions } from './sqlite-store-options.js'
import { isBusy, reasonOf, refusal, storeError } from './store-error.js'
import { completeCopy, type StoreContents } from './whole-store.js'

export interface RestoreOptions extends CopyOptions {
  /** The file of the backup. It is left as it is. */
  readonly from: string
  /** Whether a store that is there may be replaced. @default false */
  readonly replace?: boolean
}

export interface RestoredStore extends StoreContents {
  readonly path: string
  /** Whether there was a store before. */
  readonly replaced: boolean
}

/**
 * Puts a backup in the place of a store. Everything is checked before anything is changed: that the backup is whole, that
 * the secret at hand opens it, and that no process uses the store which it replaces. Rejects otherwise, like
 * `sqliteStore`. Whenever the process ends, the store is as it was before, or as in the backup.
 */
export async function restoreStore(options: RestoreOptions): Promise<RestoredStore> {
  const { from: given, replace = false, ...opening } = options
  const { path } = checkedOptions(opening)
  const from = resolve(given)
  await access(from).catch((error: unknown) => {
    throw failure(from, reasonOf(error))
  })
  if (identityOf(from) === identityOf(path)) throw failure(from, 'it is the store itself; give another path')
  if (!replace && identityOf(path) !== 'missing') throw refusal(path, existsAlready)
  const draft = draftBeside(path)
  try {
    createFolder(path)
    const contents = await copyOf(from, draft, opening)
    const replaced = await putInPlace(draft, path, replace)
    return { path, replaced, ...contents }
  } catch (error) {
    throw storeError(path, 'restore', error)
  } finally {
    removeDraft(draft)
  }
}

/** Makes a whole copy of the backup, and rejects when it is none or the secret does not open it. */
async function copyOf(from: string, draft: string, opening: CopyOptions): Promise<StoreContents> {
  try {
    makePrivate(draft)
    copyFileSync(from, draft, constants.COPYFILE_FICLONE)
    // A copy of a running store, made by hand, has its latest changes beside it.
    if (existsSync(`${from}-wal`)) copyFileSync(`${from}-wal`, `${draft}-wal`)
    return await completeCopy({ ...opening, path: draft })
  } catch (error) {
    // The draft is nobody's business: it is the backup that does not fit.
    if (KeyPoolError.isInstance(error)) {
      const { param } = error
      const message = error.message
        .replace('could not open the key store', 'could not use the backup')
        .replaceAll(draft, from)
      throw new KeyPoolError('store_failed', message, { cause: error, ...(param !== undefined && { param }) })
    }
    throw failure(from, reasonOf(error))
  }
}

/** Gives the draft the store's name. Resolves with whether there was a store. */
async function putInPlace(draft: string, path: string, replace: boolean): Promise<boolean> {
  const before = identityOf(path)
  if (before === 'missing') {
    // What a store left that is gone would be taken for changes of the new one.
    removeCompanions(path)
    publish(draft, path, false)
    return false
  }
  let hold: FileHold | null = null
  try {
    hold = await holdFile(path)
    // Windows gives no other name to a file that is open, nor its name to another.
    if (process.platform === 'win32') hold.release()
    publish(draft, path, replace)
    return true
  } catch (error) {
    if (!isBusy(error)) throw error
    throw refusal(path, 'another process uses it; stop that process and try again. Nothing was changed')
  } finally {
    hold?.release()
  }
}

const existsAlready = 'there is a store already; allow that it is replaced, or give another path'

const failure = (path: string, reason: string): KeyPoolError =>
  new KeyPoolError('store_failed', `could not use the backup ${path}: ${reason}`)
