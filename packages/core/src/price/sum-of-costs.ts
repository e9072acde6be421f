import type { Cost } from './price-book.js'

/** What two attempts cost together. Unknown where one is, or where they are in two currencies. */
export function sumOfCosts(one: Cost, other: Cost): Cost {
  if ('unknown' in one) return one
  if ('unknown' in other || one.amount === 0n) return other
  if (other.amount === 0n) return one
  if (one.currency !== other.currency) return { unknown: 'the attempts were paid in two currencies' }
  return { amount: one.amount + other.amount, currency: one.currency }
}
