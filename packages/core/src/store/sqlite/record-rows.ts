import { setImmediate as nextTurn } from 'node:timers/promises'
import { type EncodedBatch, placeOfRecord } from '../record-batch.js'
import { assertExpected } from '../record-conflict.js'
import { checkedLimit, firstPlace, lastPlace, placeOfCursor } from '../record-cursor.js'
import type { Json, RecordPage, RecordQuery, StoredRecord } from '../records.js'
import type { Opener, Sealer } from '../sealing/sealer.js'
import { inParts, partSize } from './in-parts.js'
import { appendEntries } from './journal-rows.js'
import { decodeRows, encodeRows } from './rows.js'
import type { SqlSession } from './sql-port.js'
import { damage } from './store-error.js'

/** Takes now. */
const forgetOver = 'DELETE FROM records WHERE expires_at <= ?'

const named = '(kind, id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))'

/** These take a JSON array of pairs of kind and id. */
const readRevisions = `
  SELECT CAST(json_group_array(json_array(kind, id, revision, created_at)) AS BLOB) AS rows FROM records WHERE ${named}`
const remove = `DELETE FROM records WHERE ${named}`

const raiseRevision = "UPDATE meta SET value = value + 1 WHERE name = 'records' RETURNING value"
export const readRecordRevision = "SELECT value FROM meta WHERE name = 'records'"

/** Takes a JSON array of rows, and now. */
const write = `
  INSERT INTO records (kind, id, value, sealed, expires_at, revision, created_at, changed_at)
  SELECT value ->> 0, value ->> 1, value -> 2, value ->> 3, value ->> 4,
    (SELECT value FROM meta WHERE name = 'records'), ?2, ?2
  FROM json_each(?1) WHERE true
  ON CONFLICT (kind, id) DO UPDATE SET value = excluded.value, sealed = excluded.sealed,
    expires_at = excluded.expires_at, revision = excluded.revision, changed_at = excluded.changed_at`

const columns = 'seq, id, json(value), sealed, revision, created_at, changed_at, expires_at'

/** Takes the kind, the place to go on from, and how many. */
const readPage = {
  oldest: selectRecords('kind = ? AND seq > ? ORDER BY seq'),
  newest: selectRecords('kind = ? AND seq < ? ORDER BY seq DESC'),
} as const

/** Takes the kind and the id. */
const readOne = selectRecords('kind = ? AND id = ?').replace('LIMIT ?', '')

function selectRecords(condition: string): string {
  return `SELECT CAST(json_group_array(json_array(${columns})) AS BLOB) AS rows
    FROM (SELECT * FROM records WHERE ${condition} LIMIT ?)`
}

type Named = Pick<StoredRecord, 'kind' | 'id'>
type RevisionRow = readonly [kind: string, id: string, revision: number, createdAt: number]

/** Writes a batch. Resolves with the records that were put, and the revision of this change; null if it changed none. */
export async function writeRecords(
  session: SqlSession,
  sealer: Sealer,
  { at, put, remove: removals, append }: EncodedBatch,
): Promise<{ readonly put: StoredRecord[]; readonly revision: number | null }> {
  await session.write(forgetOver, [at])
  const expecting = [...removals, ...put].filter(({ expected }) => expected !== undefined)
  const found = await revisionsOf(session, expecting)
  assertExpected(expecting, (record) => found.get(placeOfRecord(record))?.[2] ?? null)
  let removedCount = 0
  await inParts(removals, async (part) => {
    removedCount += await session.write(remove, [encodeRows(part.map(pair))])
  })
  const isChange = removedCount + put.length > 0
  const revision = isChange ? Number((await session.rows(raiseRevision))[0]?.value) : null
  await inParts(put, async (part) => {
    const rows = part.map((record) => {
      const sealed = record.secret === null ? null : sealer.seal(placeOfRecord(record), record.secret)
      return [record.kind, record.id, JSON.parse(record.text), sealed, record.expiresAt]
    })
    await session.write(write, [encodeRows(rows), at])
  })
  await appendEntries(session, append, at)
  const written = await revisionsOf(session, put)
  const records = put.map(({ expected: _, text, ...record }) => {
    const [, , revision, createdAt] = written.get(placeOfRecord(record)) as RevisionRow
    return { ...record, value: JSON.parse(text) as Json, revision, createdAt, changedAt: at }
  })
  return { put: records, revision }
}

export async function readRecord(
  session: SqlSession,
  { opener, place }: Opening,
  { kind, id }: Named,
): Promise<StoredRecord | undefined> {
  const [found] = await session.rows(readOne, [kind, id])
  return recordsFrom(decodeRows(found?.rows) as RecordRow[], kind, { opener, place })[0]
}

/** What opens the secrets of records, and how messages name the store. */
export interface Opening {
  readonly opener: Opener
  readonly place: string
}

export async function readRecords(
  session: SqlSession,
  opening: Opening,
  { kind, cursor, limit, order = 'oldest' }: RecordQuery & Pick<Named, 'kind'>,
): Promise<RecordPage> {
  // One more than was asked for tells whether there is a next page.
  const wanted = checkedLimit(limit, lastPlace - 1) + 1
  const items: StoredRecord[] = []
  const places: number[] = []
  let last = placeOfCursor(cursor, order === 'newest' ? lastPlace : firstPlace)
  for (;;) {
    const size = Math.min(partSize, wanted - items.length)
    const [found] = await session.rows(readPage[order], [kind, last, size])
    const part = decodeRows(found?.rows) as RecordRow[]
    items.push(...recordsFrom(part, kind, opening))
    places.push(...part.map(([seq]) => seq))
    last = places.at(-1) ?? last
    if (part.length < size || items.length === wanted) break
    await nextTurn()
  }
  if (items.length < wanted) return { items, next: null }
  return { items: items.slice(0, -1), next: String(places.at(-2)) }
}

type RecordRow = readonly [
  seq: number,
  id: string,
  value: Json,
  sealed: string | null,
  revision: number,
  createdAt: number,
  changedAt: number,
  expiresAt: number | null,
]

function recordsFrom(rows: readonly RecordRow[], kind: string, { opener, place }: Opening): StoredRecord[] {
  return rows.map(([, id, value, sealed, revision, createdAt, changedAt, expiresAt]) => {
    const secret = sealed === null ? null : opener.open(placeOfRecord({ kind, id }), sealed)
    if (secret === undefined) throw damage(place, [id], `${kind}s`)
    return { kind, id, value, secret, revision, createdAt, changedAt, expiresAt }
  })
}

const pair = ({ kind, id }: Named): readonly [string, string] => [kind, id]

async function revisionsOf(
  session: SqlSession,
  records: readonly Named[],
): Promise<ReadonlyMap<string, RevisionRow>> {
  const found = new Map<string, RevisionRow>()
  await inParts(records, async (part) => {
    const [row] = await session.rows(readRevisions, [encodeRows(part.map(pair))])
    for (const each of decodeRows(row?.rows) as RevisionRow[]) {
      found.set(placeOfRecord({ kind: each[0], id: each[1] }), each)
    }
  })
  return found
}
