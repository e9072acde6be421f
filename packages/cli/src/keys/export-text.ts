import type { ExportedKey, KeyView } from '@sfpool/core'
import { withoutControls } from '../render/scrub.js'

/** A key to export, with its secret only where the whole key was asked for. */
export type KeyToExport = KeyView & Partial<Pick<ExportedKey, 'secret'>>

/** The key itself, or its mask. */
const nameOf = ({ secret, key }: KeyToExport): string => secret ?? key

/** Keys one after the other, as `add` reads them. With balances: `key|balance`, where one is known. */
export function plainText(
  keys: readonly KeyToExport[],
  { separator, withBalance }: { separator: string; withBalance: boolean },
): string {
  const texts = keys.map((key) =>
    withBalance && key.balance.amount !== null ? `${nameOf(key)}|${key.balance.amount}` : nameOf(key),
  )
  return texts.join(separator)
}

const columns: readonly (readonly [title: string, cell: (key: KeyToExport) => string])[] = [
  ['key', nameOf],
  ['balance', ({ balance }) => balance.amount ?? ''],
  ['currency', ({ balance }) => (balance.amount === null ? '' : balance.currency)],
  ['label', ({ label }) => label ?? ''],
  ['account', ({ account, id }) => (account === id ? '' : account)],
  ['site', ({ site }) => site],
  ['weight', ({ weight }) => String(weight)],
  ['enabled', ({ enabled }) => String(enabled)],
  ['status', ({ status }) => status],
]

/** A CSV table (RFC 4180) with a head row. A spreadsheet would run some texts as formulas: they get an apostrophe. */
export function csvTable(keys: readonly KeyToExport[], { withBalance }: { withBalance: boolean }): string {
  const shown = columns.filter(([title]) => withBalance || (title !== 'balance' && title !== 'currency'))
  const rows = [
    shown.map(([title]) => title),
    ...keys.map((key) => shown.map(([, cell]) => quoted(cell(key)))),
  ]
  return rows.map((row) => row.join(',')).join('\n')
}

function quoted(cell: string): string {
  const text = withoutControls(cell)
  const harmless = /^[=+@\t\n]|^-(?![\d.]+$)/.test(text) ? `'${text}` : text
  return /[",\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
