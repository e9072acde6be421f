import { access } from 'node:fs/promises'
import type { Client } from '@libsql/client/sqlite3'
import type { Opener, Sealer } from '../sealing/sealer.js'
import { identityOf } from './file-identity.js'
import { importLibsql } from './import-libsql.js'
import { libsqlSession } from './libsql-session.js'
import { LogKeeper } from './log-keeper.js'
import { checkVersion, migrate, type StorePlace } from './migrate.js'
import { readAsNow } from './old-forms.js'
import { createPrivateFile, tightenRights } from './private-file.js'
import { markAsOurs, schemaVersion, takeWriteLock } from './schema.js'
import { scrub } from './scrub.js'
import type { SealedDatabase } from './sealed-database.js'
import type { SqlAccess, SqlRow, SqlSession, SqlValue } from './sql-port.js'
import { lostFile, reasonOf, refusal, storeError } from './store-error.js'
import type { StoreNotice } from './store-notice.js'
import { type Patience, StoreQueue, whenFree } from './store-queue.js'
import type { StoreSeal } from './store-seal.js'

export interface ConnectionOptions extends Patience {
  readonly path: string
  /** Changes nothing on disk: reads the form of an earlier version as it is, and refuses to write. */
  readonly readOnly: boolean
  readonly seal: StoreSeal
  readonly notice: (notice: StoreNotice) => void
}

/** Cleaning up can wait for the next opening, the caller cannot. */
const longestScrubWaitMs = 1_000

/**
 * A connection to a key store's file, used by one piece of work at a time.
 *
 * All work of libsql is synchronous, so long work is cut into parts with a turn of the event loop between them.
 * SQLite's own busy timeout would block the process while it waits, so it is left at 0, and this class waits instead.
 * A second connection would not have the settings of the first: `concurrency: 1` keeps a transaction on the connection
 * that was set up. Work is queued, because libsql refuses a second transaction on one connection.
 */
export class SqliteConnection implements SealedDatabase {
  readonly name: string
  readonly #options: ConnectionOptions
  readonly #client: Client
  /** An empty database in memory. */
  readonly #newMemory: () => Client
  readonly #queue: StoreQueue
  readonly #log: LogKeeper
  /** For the secrets that an earlier version stored in clear, in a store that is only read. */
  #openerInClear: Opener | null = null
  #isScrubbed = true
  /** Which file was opened. */
  #identity: string | undefined

  private constructor(options: ConnectionOptions, client: Client, newMemory: () => Client) {
    this.name = options.path
    this.#options = options
    this.#client = client
    this.#newMemory = newMemory
    this.#queue = new StoreQueue(options.path, options)
    this.#log = new LogKeeper(options.path)
  }

  static async open(options: ConnectionOptions): Promise<SqliteConnection> {
    const { path, readOnly, seal } = options
    try {
      const { createClient } = await importLibsql(path)
      seal.checkGiven()
      if (readOnly) await access(path)
      else createPrivateFile(path)
      // Every try has a connection of its own, because a refused statement stays half done (see `#transact`), and the
      // journal mode cannot be changed beside it.
      const connection = await whenFree(options, async () => {
        const before = identityOf(path)
        const client = createClient({ url: `file:${encodeURIComponent(path)}`, concurrency: 1 })
        try {
          const connection = new SqliteConnection(options, client, () => createClient({ url: ':memory:' }))
          await connection.#prepare()
          connection.#identity = identityOf(path)
          // Somebody put another file in its place, from a backup: what is open is the one of before.
          if (connection.#identity !== before) throw changedMeanwhile()
          return connection
        } catch (error) {
          client.close()
          throw error
        }
      })
      if (!readOnly) await connection.scrub()
      return connection
    } catch (error) {
      throw storeError(path, 'open', error)
    }
  }

  assertThere(): void {
    const now = identityOf(this.name)
    if (now !== undefined && now !== this.#identity) throw lostFile(this.name, now === 'missing')
  }

  async rows(sql: string, args?: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.#queue.run('read', () => libsqlSession(this.#client).rows(sql, args))
  }

  /** Whether the secrets in the store are sealed. Those of an earlier version, opened for reading, are not. */
  get isSealed(): boolean {
    return this.#openerInClear === null
  }

  async opener(session: SqlSession): Promise<Opener> {
    return this.#openerInClear ?? this.#options.seal.current(session)
  }

  async sealer(session: SqlSession): Promise<Sealer> {
    return this.#options.seal.current(session)
  }

  async transaction<T>(access: SqlAccess, work: (session: SqlSession) => Promise<T>): Promise<T> {
    if (access === 'read') return this.#queue.run('read', () => this.#transact(null, work))
    return this.#queue.run('write to', async () => {
      this.assertThere()
      if (this.#options.readOnly) throw refusal(this.#options.path, 'it was opened for reading only')
      // A setting of the connection, which has no effect inside a transaction.
      await this.#client.executeMultiple(`PRAGMA synchronous = ${access === 'durable' ? 'FULL' : 'NORMAL'}`)
      const result = await this.#transact(takeWriteLock, work)
      this.#log.afterWrite()
      return result
    })
  }

  /** Leaves the log, so that all of the database is in one file, which no other process may have open. */
  async leaveLog(): Promise<void> {
    await this.#queue.run('write to', () => this.#client.execute('PRAGMA journal_mode = DELETE'))
  }

  /** Waits for the queued work, then closes the file. May be called again. */
  async close(): Promise<void> {
    return this.#queue.close(async () => {
      await this.#log.settled()
      if (!this.#isScrubbed) await scrub(this.#client).catch(() => {})
      // libsql keeps the file open until its statements are collected, so SQLite's own clean-up on close comes late or
      // never. Moving the log into the file here leaves one complete file to copy. Another process that uses the file
      // will do it later, and on a failing disk the log keeps its content.
      if (!this.#options.readOnly) {
        await this.#client.execute('PRAGMA wal_checkpoint(TRUNCATE)').catch(() => {})
      }
      this.#client.close()
    })
  }

  async #prepare(): Promise<void> {
    const { path, readOnly, seal } = this.#options
    const place: StorePlace = { name: path, isFile: true }
    const { version } = await checkVersion(libsqlSession(this.#client), place)
    if (readOnly) {
      const memory = this.#newMemory()
      this.#openerInClear = await readAsNow(this.#client, version, memory)
      memory.close()
      await this.#transact(null, (session) => this.opener(session))
      return
    }
    // The check before has shown that the file is ours to change.
    tightenRights(path)
    await this.#client.executeMultiple('PRAGMA journal_mode = WAL')
    const { rows } = await this.#client.execute('PRAGMA journal_mode')
    if (rows[0]?.journal_mode !== 'wal') {
      throw refusal(
        path,
        'its file system cannot share a database between processes; give a path on a local disk',
      )
    }
    // Rows of keys lie in no order, so a long list of them touches all pages: with 2 MB it takes half as long again.
    await this.#client.executeMultiple('PRAGMA cache_size = -8000')
    for (const setting of LogKeeper.settings) await this.#client.executeMultiple(setting)
    // Has SQLite overwrite removed secrets with zeros instead of only unlinking them.
    await this.#client.executeMultiple('PRAGMA secure_delete = ON')
    if (version !== schemaVersion) {
      const lock = version === 0 ? markAsOurs : takeWriteLock
      await this.#transact(lock, (session) => migrate(session, place, seal))
      seal.tellSealed()
    }
    await this.#transact(null, (session) => seal.current(session))
    seal.tightenRights()
  }

  /**
   * Removes what lay in the file before its keys were sealed, or sealed anew, if that is still to be done. A fault only
   * postpones it: the keys are sealed, and the next opening tries again.
   */
  async scrub(): Promise<void> {
    const { notice, busyTimeoutMs } = this.#options
    let reason = 'another process is reading it'
    try {
      const patience = { ...this.#options, busyTimeoutMs: Math.min(busyTimeoutMs, longestScrubWaitMs) }
      this.#isScrubbed = await whenFree(patience, () => scrub(this.#client))
    } catch (error) {
      this.#isScrubbed = false
      reason = reasonOf(error)
    }
    if (!this.#isScrubbed) notice({ type: 'clean-up-postponed', reason })
  }

  /**
   * Begins a transaction without a lock, and takes the lock by a statement run through `executeMultiple`. libsql's own
   * `BEGIN IMMEDIATE` would, once refused, stay half done until the garbage collector finds it, and every later commit
   * of the connection would fail with "SQL statements in progress".
   */
  async #transact<T>(lock: string | null, work: (session: SqlSession) => Promise<T>): Promise<T> {
    const transaction = await this.#client.transaction(lock === null ? 'read' : 'deferred')
    try {
      if (lock !== null) await transaction.executeMultiple(lock)
      const result = await work(libsqlSession(transaction))
      await transaction.commit()
      return result
    } finally {
      // Rolls back unless the transaction was committed.
      transaction.close()
    }
  }
}

/** Is tried again, as a lock is. */
const changedMeanwhile = (): Error =>
  Object.assign(new Error('the file was replaced while it was opened'), { code: 'SQLITE_BUSY' })
