import type { Client } from '@libsql/client/sqlite3'
import { defaultUpstream } from '../default-upstream.js'
import type { Opener } from '../sealing/sealer.js'
import { schemaSteps, schemaVersion, sealedVersion } from './schema.js'
import { earlierBalances } from './steps/usage-and-balances.js'

/*
 * A file of an earlier version, read without changing it: views with the names of the tables stand before them, and
 * exist on this connection only. Tables that the file does not have are empty ones.
 */

/** What a table looks like to us in a file of version `since` or later, but earlier than `before`. */
interface OldForm {
  readonly since: number
  readonly before: number
  readonly select: string
}

const upstream = `'${defaultUpstream}' AS upstream`

/** By table, the forms of it that differ from ours; the first that fits holds. */
const oldForms: Readonly<Record<string, readonly OldForm[]>> = {
  keys: [
    {
      since: 1,
      before: 4,
      select: `SELECT seq, id, secret AS sealed, ${upstream}, account, label, site, weight, enabled, added_at
        FROM main.keys`,
    },
    { since: 4, before: 5, select: `SELECT *, ${upstream} FROM main.keys` },
  ],
  key_states: [
    { since: 1, before: 2, select: 'SELECT *, 0 AS failures, NULL AS upstream_account FROM main.key_states' },
  ],
  account_states: [
    { since: 1, before: 2, select: `SELECT *, ${upstream}, '[]' AS quotas FROM main.account_states` },
    { since: 2, before: 5, select: `SELECT *, ${upstream} FROM main.account_states` },
  ],
  balances: [
    {
      since: 1,
      before: 3,
      select: `SELECT seq, ${upstream}, id, at, baseline, 0 AS any_whole, 0 AS any_part, 0 AS charged_whole,
          0 AS charged_part, 0 AS unknown_costs
        FROM (${earlierBalances('main.account_states')})`,
    },
    { since: 3, before: 5, select: `SELECT *, ${upstream} FROM main.balances` },
  ],
  usage: [{ since: 3, before: 5, select: `SELECT *, ${upstream} FROM main.usage` }],
}

/** Takes a secret that lies in clear as it is. */
export const inClear: Opener = { open: (_place, text) => text }

/**
 * Lets a file of any earlier version be read as if it were one of ours, and refuses every change of it. Resolves with
 * what opens its secrets where they lie in clear; null where they are sealed. `memory` is an empty database.
 */
export async function readAsNow(client: Client, version: number, memory: Client): Promise<Opener | null> {
  if (version < schemaVersion)
    for (const each of await earlierForms(client, version, memory)) await client.execute(each)
  await client.executeMultiple('PRAGMA query_only = ON')
  return version < sealedVersion ? inClear : null
}

async function earlierForms(client: Client, version: number, memory: Client): Promise<string[]> {
  for (const statement of schemaSteps.flat())
    if (typeof statement === 'string') await memory.execute(statement)
  const existing = new Set((await tablesOf(client)).map(({ name }) => name))
  return (await tablesOf(memory)).flatMap(({ name, sql }) => {
    const form = version === 0 ? undefined : oldForms[name]?.find(({ before }) => version < before)
    if (form !== undefined && form.since <= version) return [`CREATE TEMP VIEW ${name} AS ${form.select}`]
    return existing.has(name) ? [] : [sql.replace(/^CREATE TABLE/, 'CREATE TEMP TABLE')]
  })
}

async function tablesOf(client: Client): Promise<{ readonly name: string; readonly sql: string }[]> {
  const { rows } = await client.execute(
    "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
  )
  return rows.map(({ name, sql }) => ({ name: String(name), sql: String(sql) }))
}
