import { mkdir } from 'node:fs/promises'
import type { Store } from '@sfpool/core'
import type { StoreUrl } from '../config/store-url.js'
import { userPaths } from '../config/user-paths.js'

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
