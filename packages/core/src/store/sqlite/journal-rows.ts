import type { EncodedEntry } from '../record-batch.js'
import { checkedLimit, lastPlace, placeOfCursor } from '../record-cursor.js'
import { defaultJournalPage, type JournalPage, type JournalQuery, type Json } from '../records.js'
import { inParts } from './in-parts.js'
import { decodeRows, encodeRows } from './rows.js'
import type { SqlSession } from './sql-port.js'

/** Takes a JSON array of rows, and now. */
const write = `
  INSERT INTO journals (journal, at, value) SELECT value ->> 0, ?2, value -> 1 FROM json_each(?1)`

/** Takes the journal, and the earliest instant that is kept. */
const forgetOld = 'DELETE FROM journals WHERE journal = ? AND at < ?'

/** Takes the journal, and how many entries are kept. */
const forgetOldest = `
  DELETE FROM journals WHERE seq IN (
    SELECT seq FROM journals WHERE journal = ?1 ORDER BY seq
    LIMIT max(0, (SELECT value FROM meta WHERE name = 'journal ' || ?1) - ?2))`

/** Takes the journal, the place to go on from, the first instant, the one after the last, and how many. */
const read = `
  SELECT CAST(json_group_array(json_array(seq, at, json(value))) AS BLOB) AS rows
  FROM (SELECT * FROM journals WHERE journal = ? AND seq < ? AND at >= ? AND at < ? ORDER BY seq DESC LIMIT ?)`

/** Writes entries, and forgets those that are too many or too old. */
export async function appendEntries(
  session: SqlSession,
  entries: readonly EncodedEntry[],
  at: number,
): Promise<void> {
  await inParts(entries, async (part) => {
    await session.write(write, [encodeRows(part.map(({ journal, text }) => [journal, JSON.parse(text)])), at])
  })
  const bounds = new Map(entries.map((entry) => [entry.journal, entry]))
  for (const { journal, rows, ageMs } of bounds.values()) {
    await session.write(forgetOld, [journal, at - ageMs])
    await session.write(forgetOldest, [journal, rows])
  }
}

export async function readEntries(
  session: SqlSession,
  journal: string,
  { cursor, limit, from, to }: JournalQuery,
): Promise<JournalPage> {
  // One more than was asked for tells whether there is a next page.
  const wanted = checkedLimit(limit, defaultJournalPage) + 1
  const period = [from ?? Number.MIN_SAFE_INTEGER, to ?? Number.MAX_SAFE_INTEGER]
  const [found] = await session.rows(read, [journal, placeOfCursor(cursor, lastPlace), ...period, wanted])
  const rows = decodeRows(found?.rows) as (readonly [seq: number, at: number, value: Json])[]
  const items = rows.map(([, at, value]) => ({ journal, at, value }))
  if (items.length < wanted) return { items, next: null }
  return { items: items.slice(0, -1), next: String(rows.at(-2)?.[0]) }
}
