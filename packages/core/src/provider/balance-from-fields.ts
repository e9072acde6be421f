import { decimalAt, difference, parseExactJson, textAt } from '../wire/exact-json.js'
import type { BalanceFacts, BalanceFields } from './balance-facts.js'

/** Reads a balance endpoint of any shape by the names of its fields. */
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
