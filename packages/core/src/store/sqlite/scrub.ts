import type { Client } from '@libsql/client/sqlite3'

/*
 * After the keys were sealed, or sealed anew, what lay there before is still in free pages of the file and in the log.
 * A mark in the same transaction says so; it goes when both are clean.
 */

export const markForScrub = "INSERT OR REPLACE INTO meta (name, value) VALUES ('scrub', 1)"
const isMarked = "SELECT 1 FROM meta WHERE name = 'scrub'"
const unmark = "DELETE FROM meta WHERE name = 'scrub'"

/**
 * Removes old content from the file and its log if the file is marked for it. Resolves with false when another process
 * still reads it. Throws what SQLite throws when the file is locked or the disk is full.
 */
export async function scrub(client: Client): Promise<boolean> {
  if ((await client.execute(isMarked)).rows.length === 0) return true
  // Writes the file anew, without free pages. The old pages are in the file until the log is moved into it.
  await client.executeMultiple('VACUUM')
  const { rows } = await client.execute('PRAGMA wal_checkpoint(TRUNCATE)')
  if (Number(rows[0]?.busy) !== 0) return false
  await client.execute(unmark)
  return true
}
