import { mkdir, stat } from 'node:fs/promises'
import type { Store } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import { userPaths } from '../config/user-paths.js'
import { readOnlyStore } from './read-only-store.js'
import { sayNotice } from './say-notice.js'
import { type SecretContext, storeSecret } from './store-secret.js'
import { withOrigin } from './with-origin.js'

/** The settings of a store, and who is told what happens to it. */
export interface StoreContext extends SecretContext {
  readonly say?: (text: string) => void
}

/** What a command does with a store. One that only reads changes nothing on disk. */
type Use = 'read' | 'write'

/**
 * Opens a store that must exist. Throws a `CliError` when the requested one does not: its name was mistyped. The user's
 * own store may be missing: then there are no keys yet, and nothing is created.
 */
export async function openExistingStore(context: StoreContext, use: Use = 'write'): Promise<Store> {
  const url = context.settings.store
  if (url === undefined && !(await isThere(userPaths().storeFile))) return memory()
  if (url?.kind === 'file') await requireStore(url.path)
  return openStore(context, use)
}

/** Throws a `CliError` when there is no store at a path. */
export async function requireStore(path: string): Promise<void> {
  if (await isThere(path)) return
  throw new CliError(`there is no store at ${path}`, {
    hint: 'Check --store, SFPOOL_STORE or the setting store; sfpool add makes a new store',
  })
}

/**
 * Opens a store, which is made when it is missing. Says so when its place was named: then it may have been mistyped. The
 * user's own store is made without a word.
 */
export async function openOrMakeStore(context: StoreContext): Promise<Store> {
  const url = context.settings.store
  const isNew = url?.kind === 'file' && !(await isThere(url.path))
  const told: string[] = []
  try {
    const store = await openStore({ ...context, say: (text) => told.push(text) })
    // What happened first is said first.
    if (isNew) told.unshift(`there was no store at ${url.path}; made a new one`)
    return store
  } finally {
    for (const text of told) context.say?.(text)
  }
}

/** Opens what `openOrMakeStore` would, for a trial: writes are discarded, and a store that is missing is not made. */
export async function openStoreForTrial(context: StoreContext): Promise<Store> {
  const url = context.settings.store
  if (url?.kind === 'file' && !(await isThere(url.path))) return memory()
  return readOnlyStore(await openExistingStore(context, 'read'))
}

export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  )

/** Opens the requested store, or the user's own store, whose directory is created if it is missing. */
export async function openStore(context: StoreContext, use: Use = 'write'): Promise<Store> {
  const url = context.settings.store
  if (url?.kind === 'memory') return memory()
  const { directory, storeFile } = userPaths()
  if (url === undefined) await mkdir(directory, { recursive: true, mode: 0o700 })
  // A separate entry point, because the database takes a while to load.
  const { sqliteStore } = await import('@sfpool/core/sqlite')
  try {
    return await sqliteStore({
      ...(url?.kind === 'libsql' ? { url: url.url } : { path: url?.path ?? storeFile }),
      readOnly: use === 'read',
      onNotice: sayNotice(context.say),
      ...storeSecret(context),
    })
  } catch (error) {
    throw withOrigin(error, context.origins)
  }
}

async function memory(): Promise<Store> {
  const { memoryStore } = await import('@sfpool/core')
  return memoryStore()
}
