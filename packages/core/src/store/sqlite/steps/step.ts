import type { SqlSession } from '../sql-port.js'

/** What seals the keys of a file that an earlier version wrote. */
export interface Sealing {
  /** Seals every key, from column `secret` to column `sealed`. `isNew`: the file has no past. */
  begin(session: SqlSession, isNew: boolean): Promise<void>
}

/** The way from one version of the schema to the next. A step that was released is never changed. */
export type Step = readonly (
  | string
  | ((session: SqlSession, sealing: Sealing, isNew: boolean) => Promise<void>)
)[]
