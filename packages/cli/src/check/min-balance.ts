import type { MinBalance } from '../config/settings.js'
import { isBelow } from '../keys/is-below.js'
import type { CheckResult } from './check-result.js'

/** Returns the result, marked as low when its balance is known and below the minimum. */
export function markLowBalance(result: CheckResult, minBalance: MinBalance | undefined): CheckResult {
  const { balance, verdict, reason } = result
  if (minBalance === undefined || verdict !== 'valid' || balance?.amount == null) return result
  const least = typeof minBalance === 'string' ? minBalance : minBalance[balance.currency]
  if (least === undefined || !isBelow(balance.amount, least)) return result
  return { ...result, reason: `${reason}, below ${least}`, next: 'Top the account up.', low: true }
}
