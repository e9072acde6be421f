import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** The suffixes of a database file and of SQLite's companions of it: the log of recent writes and its index. */
const suffixes = ['', '-wal', '-shm'] as const

/**
 * Creates a file that only its owner can read, unless the file exists, before SQLite opens it: SQLite itself would
 * create one that all users can read. An existing file is not opened here, because closing it would drop the locks that
 * another store of this process holds on it (POSIX locks belong to the process, not to the descriptor).
 */
export function createPrivateFile(path: string): void {
  const folder = createFolder(path)
  let descriptor: number
  try {
    descriptor = openSync(path, 'wx', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return
    throw error
  }
  closeSync(descriptor)
  syncFolder(folder)
}

/** Creates the folder of a file if it is missing, for its owner alone. Returns it. */
export function createFolder(path: string): string {
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}

/**
 * Takes the rights of other users away from the file and its companions. It does not refuse such a file: the remedy
 * would be this very change, and restored backups and copies are often readable by all users. Throws when the file
 * belongs to another user.
 */
export function tightenRights(path: string): void {
  for (const suffix of suffixes) {
    const file = path + suffix
    const mode = statSync(file, { throwIfNoEntry: false })?.mode
    if (mode !== undefined && (mode & 0o077) !== 0) chmodSync(file, mode & 0o700)
  }
}

/** Makes the name of a new file survive a power cut. */
export function syncFolder(folder: string): void {
  // Windows cannot open a folder, and makes names durable by itself.
  if (process.platform === 'win32') return
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
