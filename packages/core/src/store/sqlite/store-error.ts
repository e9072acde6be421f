import { KeyPoolError } from '../../errors.js'
import { SecretError } from '../secret/secret-error.js'

/** What went wrong and what to do about it, by the error code of SQLite or of the system. */
const unreachable = 'the server cannot be reached; check the address and the network'

const remedies: Readonly<Record<string, string>> = {
  EAI_AGAIN: unreachable,
  ECONNREFUSED: unreachable,
  ECONNRESET: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ENOTFOUND: unreachable,
  ETIMEDOUT: unreachable,
  UND_ERR_CONNECT_TIMEOUT: unreachable,
  UND_ERR_SOCKET: unreachable,
  // Of `fetch`, where its cause has no code.
  'fetch failed': unreachable,
  'HTTP 401': 'the server refused the token; check authToken',
  'HTTP 403': 'the server refused the token; check authToken',
  ENOENT: 'there is no such file; check the path',
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
  if (cause instanceof SecretError) {
    const message = `could not ${action} the key store ${path}: ${cause.message}`
    return new KeyPoolError('store_failed', message, { cause, param: 'secret' })
  }
  return new KeyPoolError('store_failed', `could not ${action} the key store ${path}: ${reasonOf(cause)}`, {
    cause,
  })
}

/** What went wrong, and what to do. */
export function reasonOf(cause: unknown): string {
  const code = errorCode(cause)
  return `${remedies[code] ?? `${messageOf(cause)}; nothing was changed`} (${code})`
}

/** The error that refuses a file: one of another program, say, or of a later version. */
export function refusal(path: string, reason: string, cause?: unknown): KeyPoolError {
  return new KeyPoolError('store_failed', `could not open the key store ${path}: ${reason}`, { cause })
}

/** The error that reports rows which the right secret does not open. */
export function damage(path: string, ids: readonly string[], what = 'keys'): KeyPoolError {
  const named = ids.length > 3 ? `${ids.slice(0, 3).join(', ')} and ${ids.length - 3} more` : ids.join(', ')
  const reason = `the file is damaged: the secret is the right one, but these ${what} do not open with it: ${named}`
  return refusal(path, `${reason}; put a backup in its place. Nothing was changed`)
}

/** The error that reports a file which was taken away while it was in use. */
export function lostFile(path: string, isMissing: boolean): KeyPoolError {
  const what = isMissing ? 'deleted' : 'replaced by another file'
  return new KeyPoolError(
    'store_failed',
    `could not use the key store ${path}: it was ${what} while it was in use. Its keys serve on, but what changes now is kept in memory ` +
      'only, and lost when this process ends. Put the old file back, or restart to use what is there now',
  )
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

/** True when a file is no database, or not a whole one. */
export function isDamaged(error: unknown): boolean {
  const code = errorCode(error)
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB'
}

function errorCode(error: unknown): string {
  const { code, cause, status } = (error ?? {}) as { code?: unknown; cause?: unknown; status?: unknown }
  if (typeof status === 'number') return `HTTP ${status}`
  // Of a server's answer, or of no answer, the cause says more.
  const isWrapped =
    cause instanceof Error && (code === undefined || /^(?:SERVER_ERROR|HRANA_)/.test(String(code)))
  if (isWrapped && errorCode(cause) !== noCode) return errorCode(cause)
  if (typeof code === 'string' && code !== '') return code
  if (messageOf(error) === 'fetch failed') return 'fetch failed'
  // A failure to open has SQLite's error number in its text only.
  return /unable to open.*: 14\b/is.test(messageOf(error)) ? 'SQLITE_CANTOPEN' : noCode
}

const noCode = 'unknown error'

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
