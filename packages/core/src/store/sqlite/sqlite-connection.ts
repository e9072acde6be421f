import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Client, Transaction } from '@libsql/client/sqlite3'
import { createPrivateFile, tightenRights } from './private-file.js'
import { bringAlong, inspect, markAsOurs, schemaVersion, takeWriteLock } from './schema.js'
import { isBusy, isMissing, refusal, storeError } from './store-error.js'

/** How one connection behaves when another process is writing. */
export interface ConnectionOptions {
  readonly path: string
  readonly busyTimeoutMs: number
  readonly wait: (delayMs: number) => Promise<unknown>
}

/** Waits between two tries for a lock: short at first, because most writes take a millisecond. */
const firstWaitMs = 2
const longestWaitMs = 50

/**
 * One connection to a key store's file, used by one piece of work at a time.
 *
 * Everything libsql does is synchronous, so whatever takes long is cut into steps with a turn of the event loop
 * between them. SQLite's own busy timeout would block the process while it waits, so it is left at 0 and the waiting
 * is done here. A second connection would not know the settings of the first: hence `concurrency: 1`, which keeps
 * a transaction on the very connection that was set up, and the queue, because libsql refuses a second transaction
 * on one connection.
 */
export class SqliteConnection {
  readonly #options: ConnectionOptions
  readonly #client: Client
  #last: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | null = null

  private constructor(options: ConnectionOptions, client: Client) {
    this.#options = options
    this.#client = client
  }

  static async open(options: ConnectionOptions): Promise<SqliteConnection> {
    const { path } = options
    try {
      const { createClient } = await importLibsql(path)
      createPrivateFile(path)
      // Every try has a connection of its own, because what was refused hangs on half done (see `#transact`) and the
      // journal mode cannot be changed beside it.
      return await whenFree(options, async () => {
        const client = createClient({ url: `file:${encodeURIComponent(path)}`, concurrency: 1 })
        try {
          const connection = new SqliteConnection(options, client)
          await connection.#prepare()
          return connection
        } catch (error) {
          client.close()
          throw error
        }
      })
    } catch (error) {
      throw storeError(path, 'open', error)
    }
  }

  /** Runs one reading statement and gives its first row. */
  async first(sql: string): Promise<Record<string, unknown>> {
    return this.#inTurn('read', async () => (await this.#client.execute(sql)).rows[0] ?? {})
  }

  /** Runs `work` on one unchanging state of the store. */
  async read<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#inTurn('read', () => this.#transact(null, work))
  }

  /**
   * Runs `work` as one transaction: all of it is stored, or nothing. `durable`: it survives a power cut once this
   * resolves; otherwise the last writes before a power cut may be missing (whole, never in part).
   */
  async write(durable: boolean, work: (transaction: Transaction) => Promise<void>): Promise<void> {
    return this.#inTurn('write to', async () => {
      // A setting of the connection, and without effect inside a transaction.
      await this.#client.executeMultiple(`PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'}`)
      await this.#transact(takeWriteLock, work)
    })
  }

  /** Lets the work asked for so far finish, then lets go of the file. May be called again. */
  async close(): Promise<void> {
    this.#closing ??= this.#last.then(async () => {
      // libsql keeps the file open until its statements are collected, so SQLite's own clean-up on close comes late
      // or never. Moving the log into the file here leaves one complete file to copy. When another process is in the
      // way that is its job, and on a failing disk the log keeps what it has.
      await this.#client.execute('PRAGMA wal_checkpoint(TRUNCATE)').catch(() => {})
      this.#client.close()
    })
    return this.#closing
  }

  async #prepare(): Promise<void> {
    const { path } = this.#options
    const { version } = await inspect(this.#client, path)
    // Only now is it sure that the file is ours to change.
    tightenRights(path)
    await this.#client.executeMultiple('PRAGMA journal_mode = WAL')
    const { rows } = await this.#client.execute('PRAGMA journal_mode')
    if (rows[0]?.journal_mode !== 'wal') {
      throw refusal(
        path,
        'its file system cannot share a database between processes; give a path on a local disk',
      )
    }
    // Removed secrets are overwritten with zeros, not only unlinked.
    await this.#client.executeMultiple('PRAGMA secure_delete = ON')
    if (version === schemaVersion) return
    const lock = version === 0 ? markAsOurs : takeWriteLock
    await this.#transact(lock, (transaction) => bringAlong(transaction, path))
  }

  /**
   * Begins without a lock and takes it with a statement run through `executeMultiple`. `BEGIN IMMEDIATE` through
   * libsql's ordinary way would, once refused, hang on half done until the garbage collector finds it, and every
   * later commit of the connection would fail with "SQL statements in progress".
   */
  async #transact<T>(lock: string | null, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const transaction = await this.#client.transaction(lock === null ? 'read' : 'deferred')
    try {
      if (lock !== null) await transaction.executeMultiple(lock)
      const result = await work(transaction)
      await transaction.commit()
      return result
    } finally {
      // Rolls back what was not committed.
      transaction.close()
    }
  }

  #inTurn<T>(action: string, work: () => Promise<T>): Promise<T> {
    const { path } = this.#options
    if (this.#closing !== null) {
      throw storeError(path, action, refusal(path, 'it was closed; open it again before using it'))
    }
    const result = this.#last
      .then(() => whenFree(this.#options, work))
      .catch((error: unknown) => {
        throw storeError(path, action, error)
      })
    this.#last = result.catch(() => {})
    return result
  }
}

/** Loads the optional peer dependency that only this store needs, so that a pool in memory works without its 20 MB. */
async function importLibsql(path: string): Promise<typeof import('@libsql/client/sqlite3')> {
  try {
    return await import('@libsql/client/sqlite3')
  } catch (error) {
    if (!isMissing(error, '@libsql/client')) throw error
    const remedy = 'the package @libsql/client is not installed; run npm install @libsql/client'
    throw refusal(path, remedy, error)
  }
}

/** Runs `work` again while another process holds the lock. Safe, because a refused transaction changed nothing. */
async function whenFree<T>(options: ConnectionOptions, work: () => Promise<T>): Promise<T> {
  let waitedMs = 0
  let delayMs = firstWaitMs
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error) || waitedMs >= options.busyTimeoutMs) throw error
    }
    await options.wait(delayMs)
    waitedMs += delayMs
    delayMs = Math.min(delayMs * 2, longestWaitMs)
  }
}

/** Gives `work` some hundred items at a time, with a turn of the event loop after each part. */
export async function inParts<Item>(
  items: readonly Item[],
  work: (part: readonly Item[]) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < items.length; start += partSize) {
    await work(items.slice(start, start + partSize))
    await nextTurn()
  }
}

/** A part takes one to three milliseconds. */
export const partSize = 250
