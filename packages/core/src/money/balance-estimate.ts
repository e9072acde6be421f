import { formatMoney, type Money, parseMoney } from './decimal.js'

/** Where a figure comes from; `Balance` says what each word means. */
export type BalanceSource = 'known' | 'estimated' | 'unknown' | 'unsupported'

/** The two kinds of money: vouchers and gifts are spent first, and some models take recharged money only. */
export interface Funds {
  readonly charged: Money
  readonly gift: Money
}

/** What an account's balance is estimated from: a figure, and when it was true. */
export interface Baseline {
  readonly source: BalanceSource
  /** Null when nothing is known. */
  readonly amount: Money | null
  /** The amount by kind; null when only the sum is known. */
  readonly funds: Funds | null
  readonly currency: string
  /** Milliseconds since the Unix epoch; null when there never was a figure. */
  readonly at: number | null
}

/** What was spent since the instant of the baseline. */
export interface Spent {
  /** By calls that any money pays for, and by those that take recharged money only. */
  readonly any: Money
  readonly charged: Money
  /** Calls whose cost is unknown. */
  readonly unknown: number
}

export const nothingSpent: Spent = Object.freeze({ any: 0n, charged: 0n, unknown: 0 })

/** What should be left. */
export interface Remaining {
  readonly amount: Money | null
  readonly funds: Funds | null
}

export function remaining({ amount, funds }: Baseline, spent: Spent): Remaining {
  if (amount === null) return { amount, funds: null }
  const left = amount - spent.any - spent.charged
  if (funds === null) return { amount: left, funds }
  const fromGift = least(spent.any, most(funds.gift, 0n))
  const gift = funds.gift - fromGift
  return { amount: left, funds: { gift, charged: left - gift } }
}

/** The source of what remains: what the upstream said is estimated as soon as something was spent since. */
export function sourceOf({ source }: Baseline, { any, charged, unknown }: Spent): BalanceSource {
  return source === 'known' && (any > 0n || charged > 0n || unknown > 0) ? 'estimated' : source
}

/**
 * The baseline after the upstream refused the account for lack of money: at that instant there was none of the kind
 * that was needed, whatever the estimate was.
 */
export function emptied(
  baseline: Baseline,
  spent: Spent,
  { lacking, at }: { readonly lacking: 'any' | 'charged'; readonly at: number },
): Baseline {
  const { amount, funds } = remaining(baseline, spent)
  const { currency } = baseline
  if (lacking === 'any') {
    const none = {
      gift: least(funds?.gift ?? 0n, 0n),
      charged: least(funds?.charged ?? amount ?? 0n, 0n),
    }
    return { source: 'estimated', amount: none.gift + none.charged, funds: none, currency, at }
  }
  // How much of a mere sum was recharged was unknown. Now it is known: nothing.
  if (amount === null) return baseline
  const charged = least(funds?.charged ?? 0n, 0n)
  const gift = funds?.gift ?? amount
  return { source: 'estimated', amount: gift + charged, funds: { gift, charged }, currency, at }
}

/** The baseline after a call was paid for though nothing should have been left: there is money, of unknown amount. */
export function refuted({ currency }: Baseline, at: number): Baseline {
  return { source: 'unknown', amount: null, funds: null, currency, at }
}

/** The baseline after the operator added money, which is recharged money. An unknown amount stays unknown. */
export function toppedUp(baseline: Baseline, spent: Spent, top: { amount: Money; at: number }): Baseline {
  const { amount, funds } = remaining(baseline, spent)
  if (amount === null) return baseline
  return {
    source: 'estimated',
    amount: amount + top.amount,
    funds: funds === null ? null : { ...funds, charged: funds.charged + top.amount },
    currency: baseline.currency,
    at: top.at,
  }
}

/** Whether money of the kind that a model needs should be left. True when that is unknown. */
export function hasLeft({ amount, funds }: Remaining, needs: 'any' | 'charged'): boolean {
  if (amount === null) return true
  return needs === 'charged' && funds !== null ? funds.charged > 0n : amount > 0n
}

/** Money in texts, as people and scripts see it. */
export interface FundsText {
  /** Decimal string. */
  readonly charged: string
  /** Vouchers and gifts, as a decimal string. */
  readonly gift: string
}

export function fundsText(funds: Funds | null): FundsText | null {
  return funds === null ? null : { charged: formatMoney(funds.charged), gift: formatMoney(funds.gift) }
}

export function readFunds(text: FundsText | null | undefined): Funds | null {
  return text == null ? null : { charged: parseMoney(text.charged), gift: parseMoney(text.gift) }
}

const least = (one: Money, other: Money): Money => (one < other ? one : other)
const most = (one: Money, other: Money): Money => (one > other ? one : other)
