import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { syncFolder } from '../sqlite/private-file.js'
import { secretError } from './secret-error.js'

/** A secret is a line. More is another file whose path was given by mistake. */
const largestBytes = 4_096

/** Reads the text of a file that holds a secret; undefined when there is no such file. */
export function readSecretFile(path: string): string | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) return undefined
    // Looked at first, because opening a pipe waits for its writer.
    if (!found.isFile()) throw secretError(`${path} is no file; a secret is read from a file`)
    if (found.size > largestBytes) {
      throw secretError(`${path} is larger than ${largestBytes} bytes; a secret is one line of text`)
    }
    const text = readFileSync(path, 'utf8')
    if (text.trim() === '') throw secretError(`${path} is empty; put the secret into it`)
    return text
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw unreadable(error)
      ? secretError(`${path} could not be read (${code}); check its rights`, error)
      : error
  }
}

/**
 * Makes a file that only its owner can read, whole and durable when this returns. Never replaces a file: false when
 * there is one already, because another process was faster.
 */
export function makeSecretFile(path: string, text: string): boolean {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    writePrivately(draft, 'wx', text)
    try {
      // A link, unlike a rename, never replaces; and unlike a file that is opened and then written, it is never empty.
      linkSync(draft, path)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') return false
      if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error
      // A file system without links.
      writePrivately(path, 'wx', text)
    }
    syncFolder(dirname(path))
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    throw secretError(
      `the secret could not be written to ${path} (${code}); check its folder, or give a secret`,
      error,
    )
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Writes a file in place of an earlier one, durably. */
export function writeSecretFile(path: string, text: string): void {
  try {
    writePrivately(path, 'w', text)
    syncFolder(dirname(path))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw secretError(`the secret could not be written to ${path} (${code}); check its folder`, error)
  }
}

/** Gives a file another name, in place of the file that has it. Nothing happens when another process was faster. */
export function renameSecretFile(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  syncFolder(dirname(to))
}

/** Keeps a file under a further name, the first that is free. Returns that name. */
export function keepSecretFile(path: string): string {
  for (let count = 1; ; count++) {
    const kept = count === 1 ? `${path}.old` : `${path}.old-${count}`
    const text = readSecretFile(kept)
    if (text !== undefined && text === readSecretFile(path)) return kept
    if (text === undefined && makeSecretFile(kept, readSecretFile(path) ?? '')) return kept
  }
}

/** Takes the rights of other users away from a file, as far as that is ours to do. */
export function tightenSecretFile(path: string): void {
  try {
    const { mode } = statSync(path)
    if ((mode & 0o077) !== 0) chmodSync(path, mode & 0o700)
  } catch {
    // A file of another user, or on a medium that cannot be written: mounted as it should be, perhaps.
  }
}

function writePrivately(path: string, flags: 'w' | 'wx', text: string): void {
  const descriptor = openSync(path, flags, 0o600)
  try {
    if (flags === 'w') chmodSync(path, 0o600)
    writeSync(descriptor, `${text}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

const unreadable = (error: unknown): boolean => typeof (error as NodeJS.ErrnoException).syscall === 'string'
