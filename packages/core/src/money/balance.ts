import {
  type BalanceSource,
  type Baseline,
  type FundsText,
  fundsText,
  readFunds,
  remaining,
  type Spent,
  sourceOf,
} from './balance-estimate.js'
import { formatMoney, isDecimal, parseMoney } from './decimal.js'

/** Money left at the upstream, with where the figure comes from and how old it is. */
export interface Balance {
  /** Decimal string, null when nothing is known. */
  readonly amount: string | null
  readonly currency: string
  /**
   * `known`: the upstream said so, and nothing was spent since. `estimated`: what the upstream or the operator said,
   * less what was spent since. `unknown`: neither said anything. `unsupported`: the upstream does not report balances.
   */
  readonly source: BalanceSource
  /** When the figure was taken that it is estimated from, in milliseconds since the Unix epoch. */
  readonly at: number | null
  /** The amount by kind of money; null or absent when only the sum is known. */
  readonly funds?: FundsText | null
}

/** What is left of a baseline, in texts. */
export function balanceOf(baseline: Baseline, spent: Spent): Balance {
  const { amount, funds } = remaining(baseline, spent)
  return {
    amount: amount === null ? null : formatMoney(amount),
    currency: baseline.currency,
    source: sourceOf(baseline, spent),
    at: baseline.at,
    funds: fundsText(funds),
  }
}

/** The baseline that a balance makes. An amount that cannot be read is not known. */
export function baselineOf({ amount, currency, source, at, funds }: Balance): Baseline {
  const known = amount !== null && isDecimal(amount) ? parseMoney(amount) : null
  return { source, amount: known, funds: known === null ? null : readFunds(funds), currency, at }
}
