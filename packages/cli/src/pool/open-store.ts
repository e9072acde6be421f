import { mkdir, stat } from 'node:fs/promises'
import type { Store } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import type { StoreUrl } from '../config/store-url.js'
import { userPaths } from '../config/user-paths.js'

/**
 * Opens a store that must exist. Throws a `CliError` when the requested one does not: its name was mistyped. The user's
 * own store may be missing: then there are no keys yet, and nothing is created.
 */
export async function openExistingStore(url: StoreUrl | undefined): Promise<Store> {
  const path = url?.kind === 'memory' ? undefined : (url?.path ?? userPaths().storeFile)
  if (path === undefined || (await isThere(path))) return openStore(url)
  if (url === undefined) return openStore({ kind: 'memory' })
  throw new CliError(`there is no store at ${path}`, {
    hint: 'Check --store, SFPOOL_STORE or the setting store; sfpool add makes a new store',
  })
}

/**
 * Opens a store, which is made when it is missing. Says so when its place was named: then it may have been mistyped. The
 * user's own store is made without a word.
 */
export async function openOrMakeStore(
  url: StoreUrl | undefined,
  say: (text: string) => void,
): Promise<Store> {
  const isNew = url?.kind === 'file' && !(await isThere(url.path))
  const store = await openStore(url)
  if (isNew) say(`there was no store at ${url.path}; made a new one`)
  return store
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  )

/** Opens the requested store, or the user's own store, whose directory is created if it is missing. */
export async function openStore(url: StoreUrl | undefined): Promise<Store> {
  if (url?.kind === 'memory') {
    const { memoryStore } = await import('@sfpool/core')
    return memoryStore()
  }
  const { directory, storeFile } = userPaths()
  if (url === undefined) await mkdir(directory, { recursive: true, mode: 0o700 })
  // A separate entry point, because the database takes a while to load.
  const { sqliteStore } = await import('@sfpool/core/sqlite')
  return sqliteStore({ path: url?.path ?? storeFile })
}
