import { setImmediate as nextTurn } from 'node:timers/promises'
import type { HistoryRecorder } from '../history/history-recorder.js'
import type { KeyAccount } from '../key/key.js'
import type { Money } from '../money/decimal.js'

/** Accounts that are added up without a turn of the event loop. */
const turnAfter = 5_000

/** Notes what the accounts that were used in this minute have left. */
export function markBalances(
  recorder: HistoryRecorder,
  accounts: ReadonlyMap<string, KeyAccount>,
  now: number,
): void {
  for (const id of recorder.accounts.keys()) {
    const left = leftOf(accounts.get(id))
    if (left !== null) recorder.recordBalance(id, left, now)
  }
}

/** Notes what all accounts have left together, by currency. */
export async function markTotals(
  recorder: HistoryRecorder,
  accounts: ReadonlyMap<string, KeyAccount>,
  now: () => number,
): Promise<void> {
  const totals = new Map<string, Money>()
  let count = 0
  for (const account of accounts.values()) {
    if (++count % turnAfter === 0) await nextTurn()
    const left = leftOf(account)
    if (left !== null) totals.set(left.currency, (totals.get(left.currency) ?? 0n) + left.amount)
  }
  for (const [currency, amount] of totals) recorder.recordBalance(null, { currency, amount }, now())
}

function leftOf(account: KeyAccount | undefined): { currency: string; amount: Money } | null {
  const tracker = account?.tracker ?? null
  const amount = tracker?.left.amount ?? null
  return tracker === null || amount === null ? null : { currency: tracker.baseline.currency, amount }
}
