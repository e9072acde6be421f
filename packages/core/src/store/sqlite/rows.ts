import { setImmediate as nextTurn } from 'node:timers/promises'
import { inParts, partSize } from './in-parts.js'
import type { SqlSession } from './sql-port.js'

/*
 * Rows travel as JSON arrays, many per statement: one bound string going in, one blob coming out. That is five times
 * cheaper than a value at a time, and a blob (unlike text) may hold damaged UTF-8 without ending the process.
 */

/** How records of one kind are written and read back, some hundreds at a time. */
export interface RowFormat<Item> {
  /** Takes a JSON array of rows. */
  readonly write: string
  /** Takes the `seq` of the row before the first, and how many. Gives one column `rows`: a JSON array of rows. */
  readonly read: string
  readonly toRow: (item: Item) => Row
  readonly fromRow: (row: never) => Item
}

/** A record as a JSON array. In a row that was read, the first element is the `seq` to go on from. */
export type Row = readonly unknown[]

export async function writeRows<Item>(
  session: SqlSession,
  format: Pick<RowFormat<Item>, 'write' | 'toRow'>,
  items: readonly Item[],
): Promise<void> {
  await inParts(items, async (part) => {
    await session.write(format.write, [encodeRows(part.map(format.toRow))])
  })
}

export async function readRows<Item>(
  session: SqlSession,
  format: Pick<RowFormat<Item>, 'read' | 'fromRow'>,
): Promise<Item[]> {
  const items: Item[] = []
  await eachPart(session, format.read, (part) => {
    for (const row of part) items.push(format.fromRow(row as never))
  })
  return items
}

/** Reads rows part by part, with a turn of the event loop after each. `read` is as in `RowFormat`. */
export async function eachPart(
  session: SqlSession,
  read: string,
  work: (part: readonly Row[]) => void | Promise<void>,
): Promise<void> {
  let last = 0
  for (;;) {
    const [found] = await session.rows(read, [last, partSize])
    const part = decodeRows(found?.rows) as Row[]
    await work(part)
    if (part.length < partSize) return
    last = Number(part.at(-1)?.[0])
    await nextTurn()
  }
}

/**
 * Encodes rows as the argument of a statement. Lone surrogates, which UTF-8 cannot hold, become replacement characters:
 * SQLite would store them as they are, and the driver would end the process when it reads them again.
 */
export function encodeRows(rows: readonly unknown[]): string {
  const text = JSON.stringify(rows)
  // JSON writes a lone surrogate as an escape, and hardly anything else so. A replacer for each value takes longer than
  // all the rest.
  return surrogateEscape.test(text) ? JSON.stringify(rows, wellFormed) : text
}

function wellFormed(_name: string, value: unknown): unknown {
  return typeof value === 'string' && loneSurrogate.test(value)
    ? value.replace(loneSurrogates, '\ufffd')
    : value
}

export function decodeRows(blob: unknown): unknown[] {
  return JSON.parse(new TextDecoder().decode(blob as ArrayBuffer)) as unknown[]
}

const surrogateEscape = /\\ud[89a-f]/i
const loneSurrogate = /\p{Surrogate}/u
const loneSurrogates = /\p{Surrogate}/gu

/** The `read` statement of a table. */
export function selectRows(table: string, columns: string): string {
  return `SELECT CAST(json_group_array(json_array(seq, ${columns})) AS BLOB) AS rows
    FROM (SELECT * FROM ${table} WHERE seq > ? ORDER BY seq LIMIT ?)`
}
