import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  renameSync,
  rmSync,
  write as writeFile,
  writeSync,
} from 'node:fs'
import type { LineTarget } from './line-buffer.js'

export interface RotatingFileOptions {
  readonly path: string
  /** Bytes of a file; a file that would grow beyond is put aside first. */
  readonly size: number
  /** Files that are kept, the present one included. */
  readonly count: number
}

/** A file that could not be opened is tried again after this time. */
const retryMs = 1_000
/** And one that could not be put aside after this. */
const rotateRetryMs = 60_000

/**
 * A log file that only its owner may read. A full one is renamed to `<path>.1`, that one to `<path>.2` and so on; the
 * oldest goes. Nothing here throws after the beginning: a disk that is full or gone is a failed write, and no more.
 */
export class RotatingFile implements LineTarget {
  readonly #options: RotatingFileOptions
  readonly #now: () => number
  #fd: number | null = null
  #size = 0
  #failedAt = Number.NEGATIVE_INFINITY
  /** When a file that could not be put aside is tried again. */
  #rotateAt = Number.NEGATIVE_INFINITY
  #isWriting = false
  #isStale = false

  /** Throws when the file cannot be opened: better now than when the first line is lost. */
  constructor(options: RotatingFileOptions, now: () => number) {
    this.#options = options
    this.#now = now
    this.#open()
  }

  write(
    bytes: Buffer,
    from: number,
    done: (error: NodeJS.ErrnoException | null, written: number) => void,
  ): void {
    try {
      if (from === 0) this.#makeRoom(bytes.length)
      const fd = this.#fd ?? this.#openAgain()
      this.#isWriting = true
      writeFile(fd, bytes, from, bytes.length - from, null, (error, written) => {
        this.#isWriting = false
        if (error === null) this.#size += written
        if (this.#isStale) this.reopen()
        done(error, written)
      })
    } catch (error) {
      // Never before the caller has gone on: a full disk must not become a deep stack.
      setImmediate(() => done(error as NodeJS.ErrnoException, 0))
    }
  }

  writeNow(bytes: Uint8Array): void {
    if (this.#fd !== null) writeSync(this.#fd, bytes)
  }

  /** Goes on with the file that has the path now, because another program has put the old one aside. */
  reopen(): void {
    this.#isStale = this.#isWriting
    if (!this.#isStale) this.close()
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd)
    this.#fd = null
    this.#failedAt = Number.NEGATIVE_INFINITY
  }

  #makeRoom(bytes: number): void {
    const { size } = this.#options
    if (this.#fd === null || this.#size === 0 || this.#size + bytes <= size) return
    if (this.#now() < this.#rotateAt) return
    this.close()
    try {
      this.#rotate()
    } catch {
      // A file that cannot be put aside grows on: its lines are worth more than its size.
      this.#rotateAt = this.#now() + rotateRetryMs
    }
  }

  #rotate(): void {
    const { path, count } = this.#options
    for (let number = count - 1; number >= 1; number--) {
      const older = `${path}.${number}`
      const newer = number === 1 ? path : `${path}.${number - 1}`
      if (existsSync(newer)) renameSync(newer, older)
    }
    if (count === 1) rmSync(path, { force: true })
  }

  #openAgain(): number {
    if (this.#now() - this.#failedAt < retryMs)
      throw Object.assign(new Error(`${this.#options.path} cannot be opened`), { code: 'ENOENT' })
    return this.#open()
  }

  #open(): number {
    try {
      const fd = openSync(this.#options.path, 'a', 0o600)
      this.#fd = fd
      this.#size = fstatSync(fd).size
      return fd
    } catch (error) {
      this.#failedAt = this.#now()
      throw error
    }
  }
}
