import type { KeyView, PoolBalance } from '@sfpool/core'
import type { Colors } from './colors.js'
import { balanceText } from './key-table.js'
import type { Column } from './table.js'
import { ago } from './time.js'

type AccountBalance = PoolBalance['accounts'][number]

/** An account with its keys. */
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
  ]
}

/** Where the figures are from, for counting: an account without a figure says so. */
export const sourcesOf = (accounts: readonly AccountBalance[]): string[] =>
  accounts.map(({ balance }) => balance.source)

/** An account that nobody named bears its key's id, which tells a person less than the key itself. */
function nameOf({ account, keys }: AccountRow): string {
  const [key] = keys
  if (key === undefined || account !== key.id) return account
  return key.label === null ? key.key : `${key.key} ${key.label}`
}

const isSpent = (amount: string | null): boolean =>
  amount !== null && (amount.startsWith('-') || !/[1-9]/.test(amount))
