import { videoLifetimeMs } from '../owner-limit.js'
import type { StoredOwner } from '../store.js'
import { inParts } from './in-parts.js'
import { decodeRows, encodeRows } from './rows.js'
import type { SqlSession } from './sql-port.js'

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
  session: SqlSession,
  owners: readonly StoredOwner[],
  limit: number,
): Promise<void> {
  await inParts(owners, async (part) => {
    const rows = part.map(({ id, account, kind, at }) => [id, account, kind, at])
    await session.write(write, [encodeRows(rows)])
  })
  await session.write(forgetOldVideos, [videoLifetimeMs])
  await session.write(forgetOldest, [limit])
}

export async function readOwners(
  session: SqlSession,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const owners = new Map<string, string>()
  await inParts(ids, async (part) => {
    const [found] = await session.rows(read, [encodeRows(part)])
    for (const [id, account] of decodeRows(found?.rows) as [string, string][]) owners.set(id, account)
  })
  return owners
}

export async function forgetOwners(session: SqlSession, ids: readonly string[]): Promise<void> {
  await inParts(ids, async (part) => {
    await session.write(forget, [encodeRows(part)])
  })
}
