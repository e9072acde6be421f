import type { Opener, Sealer } from '../sealing/sealer.js'
import type { SqlDatabase, SqlSession } from './sql-port.js'

/** A database whose secrets are sealed. Another process may have sealed them anew since the last transaction. */
export interface SealedDatabase extends SqlDatabase {
  /** How messages name the store: a path, or an address without its token. */
  readonly name: string
  /** Throws when the database is not where it was, so that what is written would be lost. */
  assertThere(): void
  opener(session: SqlSession): Promise<Opener>
  /** The same, to write secrets. */
  sealer(session: SqlSession): Promise<Sealer>
  close(): Promise<void>
}
