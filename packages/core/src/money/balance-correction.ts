import type { Outcome } from '../outcome/outcome.js'
import type { BalanceTracker } from './balance-tracker.js'
import { type Baseline, emptied, hasLeft, nothingSpent, refuted } from './estimate.js'
import type { NeededFunds } from './funds.js'

/** An answer to a call, as far as it tells of an account's money. */
export interface Evidence {
  readonly outcome: Outcome
  readonly needs: NeededFunds
  /** The call is known to have cost nothing. */
  readonly isFree: boolean
  readonly startedAt: number
}

/**
 * What an account's money is to be reckoned from after an answer, which says more of it than any reckoning; null when
 * it says nothing new. `currency` is that of an account of which nobody ever said anything.
 */
export function correctedBaseline(
  tracker: BalanceTracker | null,
  { outcome, needs, isFree, startedAt }: Evidence,
  { now, currency }: { readonly now: number; readonly currency: string },
): Baseline | null {
  if (outcome.fault === 'funds') {
    // A figure that came after the call began knows better.
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
