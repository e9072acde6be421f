import { decimalAt, difference, hundredth, parseExactJson } from '../wire/exact-json.js'
import type { BalanceFacts } from './balance-facts.js'

/** The days that OpenAI's usage endpoint looks back at most. */
const usageDays = 99

/**
 * OpenAI's old billing endpoints, which panels such as one-api and new-api still answer: a limit in dollars, and the
 * usage in cents.
 */
export const openaiBilling: BalanceFacts = {
  paths: (day) => [
    '/dashboard/billing/subscription',
    `/dashboard/billing/usage?start_date=${day(-usageDays)}&end_date=${day(1)}`,
  ],
  read: ([subscription = '', usage = '']) => {
    const limit = decimalAt(parseExactJson(subscription), 'hard_limit_usd')
    const used = decimalAt(parseExactJson(usage), 'total_usage')
    if (limit === undefined || used === undefined) return undefined
    return { amount: difference(limit, hundredth(used)), currency: 'USD' }
  },
}
