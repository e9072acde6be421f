import { decimalAt, difference, hundredth, parseExactJson, textAt } from '../wire/exact-json.js'

/** What a provider's balance endpoint said, as exact decimal strings. */
export interface BalanceReading {
  readonly amount: string
  readonly currency: string
  /** The part that was paid in, where the provider tells it apart. */
  readonly charged?: string
  /** The part that was given: gifts, grants, vouchers. */
  readonly gift?: string
  /** What the provider calls the account, where it says so: keys that agree on it are of one account. */
  readonly account?: string
}

/** How a provider tells what is left on an account. */
export interface BalanceFacts {
  /** The free requests that tell, below the base URL. `day` gives the date so many days from today, `YYYY-MM-DD`. */
  paths(day: (fromToday: number) => string): readonly string[]
  /** Reads their answers, in the order of `paths`. Undefined when they do not hold an amount. */
  read(bodies: readonly string[], site: string): BalanceReading | undefined
  /** There is money that does not show, such as vouchers, so that an amount of nothing proves nothing for sure. */
  readonly isPartial?: boolean
}

/** Where an endpoint's JSON says what: paths such as `data.totalBalance` or `balance_infos[0].total_balance`. */
export interface BalanceFields {
  /** Below the base URL, as in `/user/info`. */
  readonly path: string
  /** What is left: a decimal string or a number, whose digits are taken as they stand. */
  readonly amount: string
  /** What has been spent, for endpoints that tell this and what was paid in: it is taken off the amount. */
  readonly spent?: string
  /** The currency's three letters. @default that of the provider */
  readonly currency?: string
  readonly charged?: string
  readonly gift?: string
  /** What the provider calls the account. */
  readonly account?: string
}

/** A balance endpoint from the names of its fields. */
export function balanceFromFields(fields: BalanceFields, currencyOf: (site: string) => string): BalanceFacts {
  return {
    paths: () => [fields.path],
    read: ([body = ''], site) => {
      const json = parseExactJson(body)
      const total = decimalAt(json, fields.amount)
      const spent = fields.spent === undefined ? '0' : decimalAt(json, fields.spent)
      if (total === undefined || spent === undefined) return undefined
      const amount = fields.spent === undefined ? total : difference(total, spent)
      const at = (path: string | undefined) => (path === undefined ? undefined : decimalAt(json, path))
      const charged = at(fields.charged)
      const gift = at(fields.gift)
      const account = fields.account === undefined ? undefined : textAt(json, fields.account)
      const currency = fields.currency === undefined ? undefined : textAt(json, fields.currency)
      return {
        amount,
        currency: currency ?? currencyOf(site),
        ...(charged === undefined ? {} : { charged }),
        ...(gift === undefined ? {} : { gift }),
        ...(account === undefined || account === '' ? {} : { account }),
      }
    },
  }
}

/** The days that OpenAI's usage endpoint looks back at most. */
const usageDays = 99

/**
 * OpenAI's old billing endpoints, which panels such as one-api and new-api still answer: a limit in dollars, and what
 * was used of it in cents.
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

/**
 * DeepSeek's `GET /user/balance`: an entry for each currency. The first that has money counts, for sums across
 * currencies mean nothing.
 */
export const deepseekBalance: BalanceFacts = {
  paths: () => ['/user/balance'],
  read: ([body = '']) => {
    const json = parseExactJson(body)
    const readings: BalanceReading[] = []
    for (let at = 0; ; at++) {
      const currency = textAt(json, `balance_infos[${at}].currency`)
      const amount = decimalAt(json, `balance_infos[${at}].total_balance`)
      if (currency === undefined || amount === undefined) break
      const charged = decimalAt(json, `balance_infos[${at}].topped_up_balance`)
      const gift = decimalAt(json, `balance_infos[${at}].granted_balance`)
      readings.push({
        amount,
        currency,
        ...(charged === undefined ? {} : { charged }),
        ...(gift === undefined ? {} : { gift }),
      })
    }
    return readings.find(({ amount }) => isAboveZero(amount)) ?? readings[0]
  },
}

/** Whether a decimal string stands for more than nothing. */
export const isAboveZero = (amount: string): boolean => !amount.startsWith('-') && /[1-9]/.test(amount)
