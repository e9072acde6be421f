import { decimalAt, parseExactJson, textAt } from '../wire/exact-json.js'
import type { BalanceFacts, BalanceReading } from './balance-facts.js'
import { generic } from './generic.js'
import { isAboveZero } from './is-above-zero.js'
import { bareBaseURL } from './normalize-base-url.js'
import type { Provider } from './provider.js'

/**
 * DeepSeek's own API, whose addresses need no `/v1`. `GET /user/balance` gives the balance of a key. Throws a
 * `ConfigError` for a wrong base URL.
 */
export function deepseek(baseURL = 'https://api.deepseek.com'): Provider {
  return {
    ...generic(baseURL),
    name: 'deepseek',
    sites: { default: bareBaseURL(baseURL) },
    currencyOf: () => 'CNY',
    balance: deepseekBalance,
    chatProbe: () => ({ model: 'deepseek-chat' }),
  }
}

/**
 * DeepSeek's `GET /user/balance`: an entry for each currency. The first entry with money counts, because a sum across
 * currencies means nothing.
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
