import { placeOfRecord } from '../record-batch.js'
import type { SealRecord } from '../sealing/seal-record.js'
import type { Opener, Sealer } from '../sealing/sealer.js'
import { placeOf } from './key-rows.js'
import { eachPart, encodeRows } from './rows.js'
import type { SqlSession } from './sql-port.js'
import { damage } from './store-error.js'

/** Takes the columns of a `SealRecord`. */
const writeRecord = `
  INSERT INTO seal (one, salt, derivation, name, constant, sum) VALUES (1, ?, ?, ?, ?, ?)
  ON CONFLICT (one) DO UPDATE SET salt = excluded.salt, derivation = excluded.derivation, name = excluded.name,
    constant = excluded.constant, sum = excluded.sum`

const readRecord = 'SELECT salt, derivation, name, constant, sum FROM seal'

/** Takes a JSON array of rows. */
const writeSealed = `
  UPDATE keys SET sealed = given.sealed, fingerprint = given.fingerprint
  FROM (SELECT value ->> 0 AS seq, value ->> 1 AS sealed, value ->> 2 AS fingerprint FROM json_each(?)) AS given
  WHERE keys.seq = given.seq`

/** Which column holds the secrets: that of earlier versions, in clear, or ours. */
type Column = 'secret' | 'sealed'

/** Takes the `seq` of the row before the first, and how many. */
const readColumn = (column: Column): string => `
  SELECT CAST(json_group_array(json_array(seq, id, ${column})) AS BLOB) AS rows
  FROM (SELECT * FROM keys WHERE seq > ? ORDER BY seq LIMIT ?)`

export async function readSealRecord(session: SqlSession): Promise<SealRecord | undefined> {
  const row = (await session.rows(readRecord))[0]
  if (row === undefined) return undefined
  const { salt, derivation, name, constant, sum } = row
  return {
    salt: String(salt),
    derivation: String(derivation),
    name: String(name),
    constant: String(constant),
    sum: String(sum),
  }
}

export async function writeSealRecord(session: SqlSession, record: SealRecord): Promise<void> {
  const { salt, derivation, name, constant, sum } = record
  await session.write(writeRecord, [salt, derivation, name, constant, sum])
}

/**
 * Seals the secrets of all rows, which `from` opens. Resolves with their number. Throws when one does not open: then
 * nothing may be written.
 */
export async function sealRows(
  session: SqlSession,
  column: Column,
  { from, to, path }: { from: Opener; to: Sealer; path: string },
): Promise<number> {
  let sealedCount = 0
  const damaged: string[] = []
  await eachPart(session, readColumn(column), async (part) => {
    const rows: unknown[] = []
    for (const [seq, id, text] of part as [number, string, string][]) {
      const secret = from.open(placeOf(id), text)
      if (secret === undefined) damaged.push(id)
      else rows.push([seq, to.seal(placeOf(id), secret), to.fingerprint(secret)])
    }
    sealedCount += rows.length
    await session.write(writeSealed, [encodeRows(rows)])
  })
  if (damaged.length > 0) throw damage(path, damaged)
  return sealedCount
}

/** Takes the `seq` of the row before the first, and how many. */
const readRecords = `
  SELECT CAST(json_group_array(json_array(seq, kind, id, sealed)) AS BLOB) AS rows
  FROM (SELECT * FROM records WHERE seq > ? AND sealed IS NOT NULL ORDER BY seq LIMIT ?)`

/** Takes a JSON array of rows. */
const writeRecords = `
  UPDATE records SET sealed = given.sealed
  FROM (SELECT value ->> 0 AS seq, value ->> 1 AS sealed FROM json_each(?)) AS given WHERE records.seq = given.seq`

/** Seals the secrets of records anew. Throws when one does not open: then nothing may be written. */
export async function sealRecords(
  session: SqlSession,
  { from, to, path }: { from: Opener; to: Sealer; path: string },
): Promise<void> {
  await eachPart(session, readRecords, async (part) => {
    const rows = (part as [number, string, string, string][]).map(([seq, kind, id, sealed]) => {
      const place = placeOfRecord({ kind, id })
      const secret = from.open(place, sealed)
      if (secret === undefined) throw damage(path, [id], `${kind}s`)
      return [seq, to.seal(place, secret)]
    })
    await session.write(writeRecords, [encodeRows(rows)])
  })
}
