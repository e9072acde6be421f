import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncFolder } from './private-file.js'

/** SQLite's companions of a database: what belongs to another file must not stand beside a new one. */
const companions = ['-wal', '-shm', '-journal'] as const

/** A name for a file that is not finished, beside the one that it will be: only within a folder a rename is one step. */
export const draftBeside = (path: string): string => `${path}.${randomBytes(6).toString('hex')}.partial`

/** Makes an empty file that only its owner can read. */
export function makePrivate(path: string): void {
  closeSync(openSync(path, 'wx', 0o600))
}

export function removeCompanions(path: string): void {
  for (const suffix of companions) rmSync(path + suffix, { force: true })
}

/** Never throws: what went wrong before is what counts. */
export function removeDraft(path: string): void {
  try {
    rmSync(path, { force: true })
    removeCompanions(path)
  } catch {
    // Where nothing could be written there is nothing.
  }
}

/**
 * Gives a finished draft its name, in one step: whenever the process ends, one whole file has that name. Without
 * `replace` an existing file stays, and the error has the code `EEXIST`.
 */
export function publish(draft: string, path: string, replace: boolean): void {
  const descriptor = openSync(draft, 'r+')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  if (replace) renameSync(draft, path)
  else {
    linkSync(draft, path)
    rmSync(draft)
  }
  syncFolder(dirname(path))
}
