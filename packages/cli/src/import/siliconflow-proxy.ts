import type { ImportedKey } from './imported.js'
import { balanceOf, countOf, instantOf, known, type Row, textOf } from './row.js'
import { type Taken, takeKeys } from './take-keys.js'

/** What its errors say of a key that the upstream refuses for good. */
const refused = /\b401\b|unauthori[sz]ed|invalid.{0,12}(?:token|api.?key)/i

/**
 * Keys of siliconflowProxy: rows of the table `api_keys` in data/api_keys.db (laolaoshiren/siliconflowProxy,
 * db/index.js). Its automation takes keys out of service, people only delete them: so no key is disabled here, and one
 * that lacks money waits for it.
 */
export function siliconflowProxyKeys(rows: readonly Row[]): Taken {
  return takeKeys(
    rows,
    (row) => row.api_key,
    (row): Omit<ImportedKey, 'secret' | 'line'> => {
      const at = instantOf(row.balance_checked_at)
      const failure = row.status === 'error' ? textOf(row.last_error) : undefined
      const calls = countOf(row.call_count)
      const errors = countOf(row.error_count) ?? 0
      return known({
        // A refused key was noted with a balance of 0.
        balance: balanceOf(row.balance, { at, hasFailed: failure !== undefined && refused.test(failure) }),
        requests: calls,
        successes: calls === undefined ? undefined : Math.max(0, calls - errors),
        lastUsedAt: instantOf(row.last_used_at),
        invalid:
          failure !== undefined && refused.test(failure) ? 'siliconflowProxy found it refused' : undefined,
      })
    },
  )
}
