import { accessSync, constants, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { KeyPoolError } from '../../errors.js'
import { identityOf } from './file-identity.js'
import { SqliteConnection } from './sqlite-connection.js'
import { checkedOptions, type SqliteFileOptions } from './sqlite-store-options.js'
import { storeError } from './store-error.js'
import { assertSound, contentsOf, type StoreContents } from './whole-store.js'

/** What is known of the file of a store, for those who look after it. */
export interface StoreHealth {
  readonly path: string
  /** `missing`: there is no file. `failing`: it cannot be used as it is; `message` says why, and what to do. */
  readonly status: 'ok' | 'missing' | 'failing'
  /** Without any secret; null when all is well. */
  readonly message: string | null
  /** What is in it; null when that cannot be read. */
  readonly contents: StoreContents | null
  /** Size of the file and its log. */
  readonly bytes: number
  /** Room left on its disk; null where the system does not tell. */
  readonly freeBytes: number | null
  /** Whether the file and its folder, in which SQLite keeps the log, may be written to. */
  readonly isWritable: boolean
}

/** Looks at the file of a store, all of it, without changing anything. Other processes may use it. Never rejects. */
export async function storeHealth(options: Omit<SqliteFileOptions, 'readOnly'>): Promise<StoreHealth> {
  const { path } = checkedOptions(options)
  const facts = {
    path,
    bytes: sizeOf(path),
    freeBytes: await freeBytesOf(path),
    isWritable: isWritable(path),
  }
  if (identityOf(path) === 'missing') return { ...facts, status: 'missing', message: null, contents: null }
  try {
    const contents = await wholeContents(options)
    const message = facts.isWritable ? null : `the key store ${path} cannot be written to; check its rights`
    return { ...facts, status: message === null ? 'ok' : 'failing', message, contents }
  } catch (error) {
    const known = KeyPoolError.isInstance(error) ? error : storeError(path, 'read', error)
    return { ...facts, status: 'failing', message: known.message, contents: null }
  }
}

async function wholeContents(options: SqliteFileOptions): Promise<StoreContents> {
  const connection = await SqliteConnection.open(checkedOptions({ ...options, readOnly: true }))
  try {
    const contents = await contentsOf(connection)
    await assertSound(connection.name)
    return contents
  } finally {
    await connection.close()
  }
}

function sizeOf(path: string): number {
  const sizes = ['', '-wal'].map((suffix) => statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0)
  return sizes.reduce((sum, size) => sum + size)
}

async function freeBytesOf(path: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(dirname(path))
    return bavail * bsize
  } catch {
    return null
  }
}

function isWritable(path: string): boolean {
  try {
    for (const each of [dirname(path), ...(identityOf(path) === 'missing' ? [] : [path])]) {
      accessSync(each, constants.W_OK)
    }
    return true
  } catch {
    return false
  }
}
