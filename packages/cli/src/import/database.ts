import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '@libsql/client/sqlite3'
import type { Row } from './row.js'
import { statementsOf } from './sql-dump.js'

/** The tables of a database of another program. */
export interface Database extends AsyncDisposable {
  /** The columns of each table. */
  readonly tables: ReadonlyMap<string, readonly string[]>
  /** The rows of a table, in the order in which they were added. */
  rows(table: string): Promise<Row[]>
}

/**
 * Opens a copy of an SQLite file, with the log beside it if there is one: opening the file itself could change it, or make
 * files beside it, while the program that owns it runs. The copy is readable by its owner alone, and goes with `Database`.
 */
export async function openDatabase(path: string): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), 'sfpool-import-'))
  const copy = join(folder, 'copy.db')
  const clear = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    await copyFile(path, copy)
    await copyFile(`${path}-wal`, `${copy}-wal`).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
    const { createClient } = await import('@libsql/client/sqlite3')
    return await databaseOf(createClient({ url: `file:${copy}` }), clear)
  } catch (error) {
    await clear()
    throw error
  }
}

/** The tables that an SQL dump makes, in memory. */
export async function openDump(sql: string): Promise<Database> {
  const { createClient } = await import('@libsql/client/sqlite3')
  const client = createClient({ url: ':memory:' })
  for (const statement of statementsOf(sql)) await client.execute(statement)
  return databaseOf(client, async () => {})
}

async function databaseOf(client: Client, clear: () => Promise<void>): Promise<Database> {
  const { rows } = await client.execute(
    "SELECT m.name AS table_name, c.name AS column_name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table'",
  )
  const tables = new Map<string, string[]>()
  for (const { table_name, column_name } of rows) {
    const name = String(table_name)
    tables.set(name, [...(tables.get(name) ?? []), String(column_name)])
  }
  return {
    tables,
    async rows(table) {
      const name = `"${table.replaceAll('"', '""')}"`
      const found = await client.execute(`SELECT * FROM ${name} ORDER BY rowid`)
      return found.rows.map((row) => Object.fromEntries(found.columns.map((column) => [column, row[column]])))
    },
    async [Symbol.asyncDispose]() {
      client.close()
      await clear()
    },
  }
}
