import type { InValue, ResultSet } from '@libsql/client/sqlite3'
import type { SqlSession } from './sql-port.js'

/** A client of libsql, or one of its transactions. */
interface Executor {
  execute(statement: { readonly sql: string; readonly args: InValue[] }): Promise<ResultSet>
}

export const libsqlSession = (executor: Executor): SqlSession => ({
  rows: async (sql, args = []) => (await executor.execute({ sql, args: [...args] })).rows,
  write: async (sql, args = []) => (await executor.execute({ sql, args: [...args] })).rowsAffected,
})
