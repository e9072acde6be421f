import type { Transaction } from '@libsql/client/sqlite3'
import { videoLifetimeMs } from '../owner-limit.js'
import type { StoredOwner } from '../store.js'
import { inParts } from './in-parts.js'
import { decodeRows, encodeRows } from './rows.js'

/** Takes a JSON array of rows. */
const write = `
  INSERT INTO owners (id, account, kind, at)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?) WHERE true
  ON CONFLICT (id) DO UPDATE SET account = excluded.account, kind = excluded.kind, at = excluded.at`

/** Takes how much older than the latest owner a video may be. */
const forgetOldVideos = `
  DELETE FROM owners WHERE kind = 'video' AND at < (SELECT max(at) FROM owners) - ?`

/** Takes the number of owners to keep. */
const forgetOldest = `
  DELETE FROM owners WHERE seq IN (
    SELECT seq FROM owners ORDER BY at, seq
    LIMIT max(0, (SELECT value FROM meta WHERE name = 'owners') - ?))`

/** Takes a JSON array of ids. Gives one column `rows`: a JSON array of pairs. */
const read = `
  SELECT CAST(json_group_array(json_array(id, account)) AS BLOB) AS rows
  FROM owners WHERE id IN (SELECT value FROM json_each(?))`

/** Takes a JSON array of ids. */
const forget = 'DELETE FROM owners WHERE id IN (SELECT value FROM json_each(?))'

/** Writes owners, and forgets the oldest beyond the limit. */
export async function writeOwners(
  transaction: Transaction,
  owners: readonly StoredOwner[],
  limit: number,
): Promise<void> {
  await inParts(owners, async (part) => {
    const rows = part.map(({ id, account, kind, at }) => [id, account, kind, at])
    await transaction.execute({ sql: write, args: [encodeRows(rows)] })
  })
  await transaction.execute({ sql: forgetOldVideos, args: [videoLifetimeMs] })
  await transaction.execute({ sql: forgetOldest, args: [limit] })
}

export async function readOwners(
  transaction: Transaction,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  await inParts(ids, async (part) => {
    const { rows } = await transaction.execute({ sql: read, args: [encodeRows(part)] })
    for (const [id, account] of decodeRows(rows[0]?.rows) as [string, string][]) found.set(id, account)
  })
  return found
}

export async function forgetOwners(transaction: Transaction, ids: readonly string[]): Promise<void> {
  await inParts(ids, async (part) => {
    await transaction.execute({ sql: forget, args: [encodeRows(part)] })
  })
}
