import type { KeyView, PoolMoney } from '@sfpool/core'
import type { Colors } from './colors.js'
import { count } from './count.js'
import { balanceText } from './key-table.js'
import type { Column } from './table.js'
import { ago } from './time.js'

type AccountBalance = PoolMoney['accounts'][number]

/** An account with its balance and its keys. */
export type AccountRow = AccountBalance & { readonly keys: readonly KeyView[] }

export function balanceColumns(paint: Colors, now: number): Column<AccountRow>[] {
  return [
    { title: 'ACCOUNT', cell: nameOf, importance: 10, minWidth: 12 },
    { title: 'KEYS', cell: ({ keys }) => String(keys.length), align: 'right', importance: 6 },
    {
      title: 'BALANCE',
      cell: (row) => balanceText(row) || '?',
      align: 'right',
      importance: 9,
      paint: (cell, { balance }) => (isSpent(balance.amount) ? paint.red(cell) : cell),
    },
    { title: 'SOURCE', cell: ({ balance }) => balance.source, importance: 8 },
    {
      title: 'AS OF',
      cell: ({ balance }) => (balance.at === null ? '' : ago(balance.at, now)),
      align: 'right',
      importance: 7,
    },
    {
      title: 'PER DAY',
      cell: ({ trend, balance }) =>
        trend.dailyCost === null ? '' : `${toCents(trend.dailyCost)} ${balance.currency}`,
      align: 'right',
      importance: 5,
    },
    {
      title: 'LASTS',
      cell: ({ trend }) => (trend.daysLeft === null ? '' : lasts(trend.daysLeft)),
      align: 'right',
      importance: 5.5,
      paint: (cell, { trend }) => ((trend.daysLeft ?? few) < few ? paint.yellow(cell) : cell),
    },
    {
      title: 'NOTE',
      cell: ({ unknownCosts }) =>
        unknownCosts === 0 ? '' : `${count(unknownCosts, 'call')} of unknown cost since then`,
      importance: 4,
      minWidth: 12,
    },
  ]
}

/** An account that lasts fewer days than this is highlighted. */
const few = 3

const lasts = (days: number): string => (days < 1 ? '<1 day' : count(Math.floor(days), 'day'))

/** Cuts a trend to cents, because more digits say nothing. A positive trend below a cent becomes `<0.01`. */
function toCents(amount: string): string {
  const cents = /^-?\d+(\.\d{1,2})?/.exec(amount)?.[0] ?? amount
  return /[1-9]/.test(cents) ? cents : '<0.01'
}

/** Returns the source of each balance, for counting. */
export const sourcesOf = (accounts: readonly AccountBalance[]): string[] =>
  accounts.map(({ balance }) => balance.source)

/** Names an account. An account without a name has its key's id, so the masked key is shown instead. */
function nameOf({ account, keys }: AccountRow): string {
  const [key] = keys
  if (key === undefined || account !== key.id) return account
  return key.label === null ? key.key : `${key.key} ${key.label}`
}

const isSpent = (amount: string | null): boolean =>
  amount !== null && (amount.startsWith('-') || !/[1-9]/.test(amount))
