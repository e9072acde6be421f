import { readdirSync } from 'node:fs'
import { basename, dirname, extname } from 'node:path'
import { keepSecretFile, readSecretFile, renameSecretFile, writeSecretFile } from '../secret/secret-file.js'

/*
 * A rotation writes the new secret to a file of its own, then seals the keys with it, then gives the file its name. The
 * process may end between any two of these: one of the two files always opens the store.
 */

/** The file of a rotation, and what it will be. */
export interface SecretPlace {
  readonly storePath: string
  /** The file `secret.key`. */
  readonly secretPath: string
}

/**
 * Where a new secret lies until the keys are sealed with it. Each has a file of its own: a process that is late with
 * the last step of its rotation must not take the file of the next one.
 */
export const pendingPath = ({ storePath, secretPath }: SecretPlace, name: string): string =>
  `${secretPath}.new-${basename(storePath)}-${name}`

/**
 * Writes a new secret before the keys are sealed with it. Those of rotations that were killed stay where they are: a
 * commit that was cut off may lie whole in the log of the database, unseen while another process has the database open,
 * and hold as soon as the last one has closed it.
 */
export function writePending(place: SecretPlace, name: string, text: string): void {
  writeSecretFile(pendingPath(place, name), text)
}

/**
 * Gives the new secret its name. Other stores in the folder share the earlier one, which is then kept under a further
 * name: returned, or null.
 */
export function finishRotation(place: SecretPlace, name: string): string | null {
  const { storePath, secretPath } = place
  const isNeeded = readSecretFile(secretPath) !== undefined && hasOtherStores(storePath)
  const kept = isNeeded ? keepSecretFile(secretPath) : null
  renameSecretFile(pendingPath(place, name), secretPath)
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
