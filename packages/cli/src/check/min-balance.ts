import type { CheckResult } from './check-result.js'

/** Whether a decimal amount is below another, exactly. */
export function isBelow(amount: string, least: string): boolean {
  const places = Math.max(placesOf(amount), placesOf(least))
  return scaled(amount, places) < scaled(least, places)
}

/** The result, marked when its balance is known and below the least that was asked for. */
export function heldToMinimum(result: CheckResult, minBalance: string | undefined): CheckResult {
  const { balance, verdict, reason } = result
  if (minBalance === undefined || verdict !== 'valid' || balance?.amount == null) return result
  if (!isBelow(balance.amount, minBalance)) return result
  const next = 'Top the account up.'
  return { ...result, reason: `${reason}, below ${minBalance}`, next, low: true }
}

const placesOf = (amount: string): number => amount.split('.')[1]?.length ?? 0

const scaled = (amount: string, places: number): bigint =>
  BigInt(amount.replace('.', '') + '0'.repeat(places - placesOf(amount)))
