import type { Client } from '@libsql/client/sqlite3'
import type { Opener } from '../sealing/sealer.js'
import { requestTable } from './request-table.js'
import { earlierBalances, schemaSteps, schemaVersion, sealedVersion } from './schema.js'

/*
 * A file of an earlier version, read without changing it: views with the names of the tables stand before them, and
 * exist on this connection only.
 */

const view = (name: string, select: string): string => `CREATE TEMP VIEW ${name} AS ${select}`

const noUsage = `SELECT '' AS book, 0 AS day, '' AS name, '' AS part_of, '' AS currency, 0 AS requests, 0 AS successes,
  0 AS prompt_tokens, 0 AS completion_tokens, 0 AS cached_tokens, 0 AS reasoning_tokens, 0 AS images,
  0 AS cost_whole, 0 AS cost_part, 0 AS unknown_costs WHERE 0`

/** What each version added, as a process that reads an earlier one sees it. The first is that of version 2. */
const additions: readonly (readonly string[])[] = [
  [
    view('key_states', 'SELECT *, 0 AS failures, NULL AS upstream_account FROM main.key_states'),
    view('account_states', "SELECT *, '[]' AS quotas FROM main.account_states"),
    view('owners', "SELECT 0 AS seq, '' AS id, '' AS account, '' AS kind, 0 AS at WHERE 0"),
  ],
  [
    view('usage', noUsage),
    view(
      'balances',
      `SELECT seq, id, at, baseline, 0 AS any_whole, 0 AS any_part, 0 AS charged_whole, 0 AS charged_part,
        0 AS unknown_costs FROM (${earlierBalances('main.account_states')})`,
    ),
  ],
  [
    view(
      'keys',
      'SELECT seq, id, secret AS sealed, account, label, site, weight, enabled, added_at FROM main.keys',
    ),
  ],
  requestTable.filter((statement) => statement.startsWith('CREATE TABLE')).map(inTemp),
]

/** Takes a secret that lies in clear as it is. */
export const inClear: Opener = { open: (_place, text) => text }

/**
 * Lets a file of any earlier version be read as if it were one of ours, and refuses every change of it. Resolves with
 * what opens its secrets where they lie in clear; null where they are sealed.
 */
export async function readAsNow(client: Client, version: number): Promise<Opener | null> {
  const statements = version === 0 ? emptyTables : additions.slice(version - 1).flat()
  if (version < schemaVersion) for (const statement of statements) await client.execute(statement)
  await client.executeMultiple('PRAGMA query_only = ON')
  return version < sealedVersion ? inClear : null
}

/** The tables of a file that has none. */
const emptyTables: readonly string[] = schemaSteps
  .flat()
  .filter((statement) => typeof statement === 'string')
  .map(inTemp)

function inTemp(statement: string): string {
  return statement.replace(/^CREATE TABLE/, 'CREATE TEMP TABLE')
}
