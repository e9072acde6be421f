import type { ImportedKey, SkippedSetting } from './imported.js'
import { balanceOf, countOf, instantOf, isRow, known, type Row, textOf } from './row.js'
import { type Taken, takeKeys } from './take-keys.js'

/** The zone of instants that zetxtech/api-pool writes as text. */
const beijing = '+08:00'

/**
 * Keys of the Workers that keep them in KV or D1: `{key, balance, added, lastUpdated, lastError}` of
 * puppetdevz/Siliconflow-API-Management (in D1 `last_updated`), and `{key, enabled, addedAt, usageCount, errorCount, …}`
 * of zetxtech/api-pool.
 */
export function workerKeys(rows: readonly Row[]): Taken {
  return takeKeys(
    rows,
    (row) => row.key,
    (row): Omit<ImportedKey, 'secret' | 'line'> =>
      'enabled' in row || 'usageCount' in row ? poolFacts(row) : managerFacts(row),
  )
}

function managerFacts(row: Row): Omit<ImportedKey, 'secret' | 'line'> {
  const at = instantOf(row.lastUpdated ?? row.last_updated)
  return known({ balance: balanceOf(row.balance, { at, hasFailed: textOf(row.lastError) !== undefined }) })
}

function poolFacts(row: Row): Omit<ImportedKey, 'secret' | 'line'> {
  const at = instantOf(row.lastChecked, beijing)
  const requests = countOf(row.usageCount)
  const failures = countOf(row.errorCount) ?? 0
  const isRefused = row.isValid === false
  return known({
    balance: balanceOf(row.balance, { at, hasFailed: isRefused }),
    enabled: row.enabled === false ? false : undefined,
    requests,
    successes:
      countOf(row.successCount) ?? (requests === undefined ? undefined : Math.max(0, requests - failures)),
    lastUsedAt: instantOf(row.lastUsed, beijing),
  })
}

/** What to do about the settings of those Workers. Their values are passwords, or belong to pages of their own. */
const advice: Readonly<Record<string, string>> = {
  admin_username: 'administrators have a key here, and no name: set --admin-key',
  admin_password: 'set a key for administrators with --admin-key or SFPOOL_ADMIN_KEY',
  api_key: 'clients that use it go on when it is set with --client-key or SFPOOL_CLIENT_KEY',
  session_secret: 'it belongs to sessions of the old system',
  page_size: 'it belongs to the pages of the old system',
  access_control: 'a server answers those who have its client key; there is no page for visitors',
  guest_password: 'there is no page for visitors',
  whitelisted_models:
    'free models are known by their prices, and serve from accounts without money by themselves',
  stats: 'counts of minutes and days are not taken over',
}

/** Says of each setting by its name why it was not taken over. Names that are not known are told, too; values never. */
export function workerSettings(names: Iterable<string>): SkippedSetting[] {
  return Array.from(names, (name) => ({ name, reason: advice[name] ?? 'it is not known here' }))
}

/** The entries of a bulk file of KV, `[{key, value}]` as `wrangler kv bulk` has them; undefined for other lists. */
export function bulkEntries(list: readonly unknown[]): Map<string, string> | undefined {
  const entries = new Map<string, string>()
  for (const entry of list) {
    if (!isRow(entry) || typeof entry.key !== 'string' || typeof entry.value !== 'string') return undefined
    const isCoded = entry.base64 === true
    entries.set(entry.key, isCoded ? Buffer.from(entry.value, 'base64').toString() : entry.value)
  }
  return entries.size === 0 ? undefined : entries
}
