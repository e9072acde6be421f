import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** SQLite's companions of a database file: the log of recent writes and its index. */
const companions = ['', '-wal', '-shm'] as const

/**
 * Makes sure there is a file that only its owner can read, before SQLite opens it: SQLite itself would create one
 * that everybody can read. An existing file is not opened here, because closing it would drop the locks that
 * another store of this process holds on it (POSIX locks belong to the process, not to the descriptor).
 */
export function createPrivateFile(path: string): void {
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
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

/**
 * Takes the rights of others away from the file and its companions. Tightening rather than refusing: the remedy a
 * refusal would name is this very change, and restored backups and copies often arrive readable by all.
 * Throws when the file belongs to somebody else.
 */
export function tightenRights(path: string): void {
  for (const suffix of companions) {
    const file = path + suffix
    const mode = statSync(file, { throwIfNoEntry: false })?.mode
    if (mode !== undefined && (mode & 0o077) !== 0) chmodSync(file, mode & 0o700)
  }
}

/** Makes the new name itself survive a power cut. */
function syncFolder(folder: string): void {
  // Windows cannot open a folder, and records names by itself.
  if (process.platform === 'win32') return
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
