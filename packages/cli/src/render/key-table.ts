import type { KeyView } from '@sfpool/core'
import type { KeyStatus } from '../config/settings.js'
import type { Colors } from './colors.js'
import type { Column } from './table.js'
import { ago, until } from './time.js'

/** A key as `list` prints it, with its secret only under `--reveal`. */
export type ListedKey = KeyView & { readonly secret?: string }

/** Returns the state of a key in one word. `disabled` by the operator hides the health of the key. */
export function statusOf(key: KeyView): KeyStatus {
  return key.enabled ? key.status : 'disabled'
}

export function keyColumns(paint: Colors, now: number): Column<ListedKey>[] {
  return [
    { title: 'KEY', cell: (key) => key.secret ?? key.key, importance: 10 },
    { title: 'LABEL', cell: (key) => key.label ?? '', importance: 8, minWidth: 8 },
    {
      title: 'STATUS',
      cell: statusOf,
      paint: (cell, key) => paintStatus(paint, statusOf(key))(cell),
      importance: 9,
    },
    { title: 'BALANCE', cell: balanceText, align: 'right', importance: 5.5 },
    { title: 'REQUESTS', cell: (key) => String(key.requests), align: 'right', importance: 6 },
    { title: 'OK', cell: successText, align: 'right', importance: 4 },
    {
      title: 'LAST USED',
      cell: (key) => (key.lastUsedAt === null ? '' : ago(key.lastUsedAt, now)),
      align: 'right',
      importance: 3,
    },
    {
      title: 'ACCOUNT',
      cell: (key) => (key.account === key.id ? '' : key.account),
      importance: 2,
      minWidth: 8,
    },
    { title: 'ID', cell: (key) => key.id, importance: 9.5, paint: (cell) => paint.dim(cell) },
    { title: 'NOTE', cell: (key) => noteText(key, now), importance: 7, minWidth: 12 },
  ]
}

export function paintStatus(paint: Colors, status: KeyStatus): (text: string) => string {
  if (status === 'ready') return paint.green
  if (status === 'invalid' || status === 'exhausted') return paint.red
  return status === 'disabled' ? paint.dim : paint.yellow
}

/** Formats a balance: `12.50 CNY`, with `~` in front of an estimate. */
export function balanceText({ balance }: Pick<KeyView, 'balance'>): string {
  if (balance.amount === null) return ''
  return `${balance.source === 'estimated' ? '~' : ''}${balance.amount} ${balance.currency}`
}

function successText({ requests, successes }: KeyView): string {
  return requests === 0 ? '' : `${Math.floor((100 * successes) / requests)}%`
}

function noteText(key: KeyView, now: number): string {
  const cooldowns = key.cooldowns.map(
    ({ model, until: end, reason }) =>
      `${model === '' ? 'any model' : model} back ${until(end, now)}: ${reason}`,
  )
  return [key.reason ?? '', ...cooldowns].filter((part) => part !== '').join('; ')
}
