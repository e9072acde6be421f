import { statSync } from 'node:fs'
import { sqlInThread } from './sql-in-thread.js'

/** A log that is larger is moved into the file. */
const largestLogBytes = 4 * 1024 * 1024
/** While a reader holds the log, it cannot be emptied. */
const leastPauseMs = 1_000

/**
 * Moves the log of a database into its file, in a thread. SQLite would do it at the end of a write, and keep the process
 * from everything else meanwhile: a tenth of a second after a long list of keys.
 */
export class LogKeeper {
  /** SQLite does it by itself only where no thread could; and a log that was emptied gives its room back. */
  static readonly settings: readonly string[] = [
    'PRAGMA wal_autocheckpoint = 16000',
    `PRAGMA journal_size_limit = ${largestLogBytes}`,
  ]

  readonly #path: string
  #running: Promise<void> | null = null
  #startedAt = Number.NEGATIVE_INFINITY

  constructor(path: string) {
    this.#path = path
  }

  afterWrite(): void {
    if (this.#running !== null || performance.now() - this.#startedAt < leastPauseMs) return
    const { size = 0 } = statSync(`${this.#path}-wal`, { throwIfNoEntry: false }) ?? {}
    if (size <= largestLogBytes) return
    this.#startedAt = performance.now()
    this.#running = this.#checkpoint()
  }

  async settled(): Promise<void> {
    await this.#running
  }

  async #checkpoint(): Promise<void> {
    try {
      await sqlInThread(this.#path, 'PRAGMA wal_checkpoint(PASSIVE)')
    } catch {
      // The log only grows a while longer: the next write tries again.
    }
    this.#running = null
  }
}
