import type { Outcome } from '../outcome/outcome.js'
import { type Baseline, emptied, hasLeft, nothingSpent, refuted } from './balance-estimate.js'
import type { BalanceTracker } from './balance-tracker.js'
import type { NeededFunds } from './funds.js'

/** An answer to a call, as far as it says something of an account's money. */
export interface Evidence {
  readonly outcome: Outcome
  readonly needs: NeededFunds
  /** The call is known to have cost nothing. */
  readonly isFree: boolean
  readonly startedAt: number
}

/**
 * The baseline of an account after an answer, which says more of its money than any estimate; null when it says nothing
 * new. `currency` is for an account without a baseline.
 */
export function correctedBaseline(
  tracker: BalanceTracker | null,
  { outcome, needs, isFree, startedAt }: Evidence,
  { now, currency }: { readonly now: number; readonly currency: string },
): Baseline | null {
  if (outcome.fault === 'funds') {
    // A figure that came after the call began is newer.
    if (startedAt < (tracker?.baseline.at ?? 0)) return null
    const lacking = outcome.funds === 'charged' || needs === 'charged' ? 'charged' : 'any'
    if (tracker !== null && !hasLeft(tracker.left, lacking)) return null
    const baseline = tracker?.baseline ?? { source: 'unknown', amount: null, funds: null, currency, at: null }
    const next = emptied(baseline, tracker?.spent ?? nothingSpent, { lacking, at: now })
    return next === baseline ? null : next
  }
  if (outcome.kind !== 'success' || needs === 'nothing' || isFree || tracker === null) return null
  const emptyAt = tracker.emptySince(needs)
  return emptyAt !== null && startedAt > emptyAt ? refuted(tracker.baseline, now) : null
}
