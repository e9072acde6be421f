import { readdirSync } from 'node:fs'
import { basename, dirname, extname } from 'node:path'
import { keepSecretFile, readSecretFile, renameSecretFile } from '../secret/secret-file.js'

/*
 * A rotation writes the new secret to a file of its own, then seals the keys with it, then gives the file its name. The
 * process may end between any two of these: one of the two files always opens the store.
 */

/** Where the new secret lies until the keys are sealed with it. */
export const pendingPath = (path: string): string => `${path}.new`

/**
 * Gives the new secret its name. Other stores in the folder share the earlier one, which is then kept under a further
 * name: returned, or null.
 */
export function finishRotation(storePath: string, secretPath: string): string | null {
  const isNeeded = readSecretFile(secretPath) !== undefined && hasOtherStores(storePath)
  const kept = isNeeded ? keepSecretFile(secretPath) : null
  renameSecretFile(pendingPath(secretPath), secretPath)
  return kept
}

/**
 * Judged by names alone: opening and closing a database would drop the locks that another store of this process has on
 * it (see `createPrivateFile`). One too many only keeps a secret that nobody needs.
 */
function hasOtherStores(storePath: string): boolean {
  const own = basename(storePath)
  const names = readdirSync(dirname(storePath)).filter(
    (name) => !companions.some((end) => name === own + end),
  )
  const isLikeOwn = (name: string): boolean =>
    name.startsWith(own) || (extname(own) !== '' && extname(name) === extname(own))
  return names.some((name) => isLikeOwn(name) || name.endsWith('-wal'))
}

const companions = ['', '-wal', '-shm', '-journal']
