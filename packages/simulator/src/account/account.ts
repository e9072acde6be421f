import { BoundedLog } from '../bounded-log.js'
import type { SiteName } from '../catalogue/model.js'
import type { Usage } from '../catalogue/price.js'
import type { AccountInput, AccountStatus, MoneyInput } from '../scenario/scenario.js'
import type { Limits } from './limits.js'
import type { MeterSet } from './meters.js'
import { formatMoney, type Money, parseMoney } from './money.js'

/** The kinds of money of an account, in the order in which they are spent. */
export type MoneyKind = 'voucher' | 'gift' | 'charged'

export const moneyKinds: readonly MoneyKind[] = ['voucher', 'gift', 'charged']

/** The bill of one call: its usage and its cost, as decimal strings. */
export interface LedgerEntry {
  /** The instant of the bill. */
  at: number
  /** The id of the recorded request. */
  requestId: string
  /** The secret that was used. */
  key: string
  model: string
  usage: Partial<Usage>
  cost: string
  /** What was taken from each kind of money; a kind that gave nothing is absent. */
  paidFrom: Partial<Record<MoneyKind, string>>
}

/** The simulator's own state of an account. */
export interface Account {
  readonly id: string
  readonly site: SiteName
  status: AccountStatus
  level: number
  keys: Map<string, 'ok' | 'revoked'>
  readonly money: Record<MoneyKind, Money>
  spent: Money
  limits: Readonly<Record<string, Limits>>
  readonly meters: Map<string, MeterSet>
  readonly ledger: BoundedLog<LedgerEntry>
}

/** A copy of an account's state; changing it does not change the account. */
export interface AccountView {
  id: string
  site: SiteName
  status: AccountStatus
  level: number
  keys: { secret: string; status: 'ok' | 'revoked' }[]
  money: Record<MoneyKind, string>
  /** The sum of all bills. */
  spent: string
  limits: Readonly<Record<string, Limits>>
  /** The most recent bills, oldest first. */
  ledger: readonly LedgerEntry[]
}

export function createAccount(input: AccountInput, ledgerEntries: number): Account {
  return {
    id: input.id,
    site: input.site ?? 'cn',
    status: input.status ?? 'ok',
    level: input.level ?? 0,
    keys: readKeys(input.keys),
    money: readMoney(input.money ?? {}, { voucher: 0n, gift: 0n, charged: 0n }),
    spent: 0n,
    limits: structuredClone(input.limits ?? {}),
    meters: new Map(),
    ledger: new BoundedLog(ledgerEntries),
  }
}

export function readKeys(keys: AccountInput['keys']): Account['keys'] {
  return new Map(
    keys.map((key) => (typeof key === 'string' ? [key, 'ok'] : [key.secret, key.status ?? 'ok'])),
  )
}

export function readMoney(input: MoneyInput, before: Account['money']): Account['money'] {
  const { voucher, gift, charged } = input
  return {
    voucher: voucher === undefined ? before.voucher : parseMoney(voucher),
    gift: gift === undefined ? before.gift : parseMoney(gift),
    charged: charged === undefined ? before.charged : parseMoney(charged),
  }
}

export function viewAccount(account: Account): AccountView {
  const { id, site, status, level, money, spent, limits, ledger } = account
  return {
    id,
    site,
    status,
    level,
    keys: [...account.keys].map(([secret, keyStatus]) => ({ secret, status: keyStatus })),
    money: {
      voucher: formatMoney(money.voucher),
      gift: formatMoney(money.gift),
      charged: formatMoney(money.charged),
    },
    spent: formatMoney(spent),
    limits,
    ledger: [...ledger.entries],
  }
}
