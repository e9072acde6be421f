import { KeyPoolError } from '../../errors.js'

/** What went wrong and what to do about it, by the error code of SQLite or of the system. */
const remedies: Readonly<Record<string, string>> = {
  EACCES: 'permission denied; check the owner and the rights of the file and of its folder',
  ENOSPC: 'the disk is full; free some space and try again',
  ENOTDIR: 'a part of its path is not a folder; give another path',
  EPERM: 'its rights could not be narrowed to the owner alone; let its owner run chmod 600 on it',
  EROFS: 'the file system is read-only; give a path that can be written',
  SQLITE_BUSY: 'another process kept it locked; wait until that process is done and try again',
  SQLITE_CANTOPEN: 'it could not be opened; check that it is a file and the rights of it and of its folder',
  SQLITE_CORRUPT: 'the file is damaged; put a backup in its place',
  SQLITE_FULL: 'the disk is full; free some space and try again',
  SQLITE_IOERR:
    'the system could not read or write it; check the disk, its free space and the file size limit',
  SQLITE_LOCKED: 'another process kept it locked; wait until that process is done and try again',
  SQLITE_NOTADB: 'the file is not a SQLite database and was left as it is; give another path',
  SQLITE_READONLY: 'it is read-only; check the owner and the rights of the file and of its folder',
}

/** The error that reports a failure of the store at `path`. Errors that are already ours are returned as they are. */
export function storeError(path: string, action: string, cause: unknown): KeyPoolError {
  if (KeyPoolError.isInstance(cause)) return cause
  const code = errorCode(cause)
  const remedy = remedies[code]
  const reason = remedy === undefined ? `${messageOf(cause)}; nothing was changed` : remedy
  return new KeyPoolError('store_failed', `could not ${action} the key store ${path}: ${reason} (${code})`, {
    cause,
  })
}

/** The error that refuses a file: one of another program, say, or of a later version. */
export function refusal(path: string, reason: string, cause?: unknown): KeyPoolError {
  return new KeyPoolError('store_failed', `could not open the key store ${path}: ${reason}`, { cause })
}

/** True when another connection holds the lock that was asked for. */
export function isBusy(error: unknown): boolean {
  const code = errorCode(error)
  return code === 'SQLITE_BUSY' || code === 'SQLITE_LOCKED'
}

/** True when Node found no package of this name; false when it found the package and a part of that is missing. */
export function isMissing(error: unknown, packageName: string): boolean {
  return errorCode(error) === 'ERR_MODULE_NOT_FOUND' && messageOf(error).includes(`'${packageName}'`)
}

function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code === 'string' && code !== '') return code
  // A failure to open has SQLite's error number in its text only.
  return /unable to open.*: 14\b/is.test(messageOf(error)) ? 'SQLITE_CANTOPEN' : 'unknown error'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
