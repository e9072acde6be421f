/** What a statement takes: every driver binds these, none of them binds more. */
export type SqlValue = string | number | null

export type SqlRow = Readonly<Record<string, unknown>>

/**
 * Runs statements of SQLite. The store's own statements stay within what SQLite, libsql servers, D1 and Durable Objects
 * all know: no `PRAGMA`, no large integers, many rows as one JSON text.
 */
export interface SqlSession {
  /** Runs a statement that reads. */
  rows(sql: string, args?: readonly SqlValue[]): Promise<readonly SqlRow[]>
  /** Runs a statement that changes something; resolves with the number of changed rows. */
  write(sql: string, args?: readonly SqlValue[]): Promise<number>
}

/**
 * `read`: reads one state of the database. `write`: all of it is stored, or nothing; the last ones before a power cut may
 * be missing, whole. `durable`: the same, and it survives a power cut once it has resolved.
 */
export type SqlAccess = 'read' | 'write' | 'durable'

/** The database under a store: three operations, whatever runs them. */
export interface SqlDatabase extends Pick<SqlSession, 'rows'> {
  /** Runs `work` in one transaction. It may be run again when another process held a lock, after nothing was changed. */
  transaction<T>(access: SqlAccess, work: (session: SqlSession) => Promise<T>): Promise<T>
}
