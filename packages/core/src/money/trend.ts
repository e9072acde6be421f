import { divided, type Money } from './decimal.js'

/** What an account spent on one day. */
export interface DaySpending {
  /** Days since 1970-01-01, by the provider's calendar. */
  readonly day: number
  readonly cost: Money
}

/** How fast an account spends its money. */
export interface Trend {
  /** Average cost of a day on which there was any; null when there was none lately. */
  readonly dailyCost: Money | null
  /** How many days the average is taken of. */
  readonly days: number
  /** How many such days the remaining money will last, in tenths; null when that is unknown. */
  readonly daysLeft: number | null
}

/** The average is taken of so many days with spending. */
export const trendDays = 7
/** Older days than this do not count: what was spent a year ago says nothing. */
export const trendReachDays = 30

/**
 * The average of the last days with spending; of today only when there is no other day, because it is not over. `left`
 * is what remains, null when that is unknown.
 */
export function trendOf(spending: readonly DaySpending[], today: number, left: Money | null): Trend {
  const recent = spending.filter(({ day, cost }) => cost > 0n && day <= today && day > today - trendReachDays)
  const over = recent.filter(({ day }) => day < today)
  const counted = (over.length > 0 ? over : recent)
    .sort((one, other) => other.day - one.day)
    .slice(0, trendDays)
  if (counted.length === 0) return { dailyCost: null, days: 0, daysLeft: null }
  const sum = counted.reduce((total, { cost }) => total + cost, 0n)
  const dailyCost = divided(sum, BigInt(counted.length))
  return {
    dailyCost,
    days: counted.length,
    daysLeft: left === null ? null : daysOf(left, sum, counted.length),
  }
}

function daysOf(left: Money, sum: Money, days: number): number {
  return left <= 0n ? 0 : Number((left * BigInt(days) * 10n) / sum) / 10
}
