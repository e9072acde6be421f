import type { MinBalance } from '../config/settings.js'
import type { CheckResult } from './check-result.js'

/** Whether a decimal amount is below another. The comparison is exact. */
export function isBelow(amount: string, least: string): boolean {
  const places = Math.max(placesOf(amount), placesOf(least))
  return scaled(amount, places) < scaled(least, places)
}

/** Returns the result, marked as low when its balance is known and below the minimum. */
export function markLowBalance(result: CheckResult, minBalance: MinBalance | undefined): CheckResult {
  const { balance, verdict, reason } = result
  if (minBalance === undefined || verdict !== 'valid' || balance?.amount == null) return result
  const least = typeof minBalance === 'string' ? minBalance : minBalance[balance.currency]
  if (least === undefined || !isBelow(balance.amount, least)) return result
  return { ...result, reason: `${reason}, below ${least}`, next: 'Top the account up.', low: true }
}

const placesOf = (amount: string): number => amount.split('.')[1]?.length ?? 0

const scaled = (amount: string, places: number): bigint =>
  BigInt(amount.replace('.', '') + '0'.repeat(places - placesOf(amount)))
