import type { KeyView } from '@sfpool/core'
import type { KeyStatus } from '../config/settings.js'
import { type KeyColumnName, keyColumnNames } from '../keys/key-columns.js'
import type { Colors } from './colors.js'
import type { Column } from './table.js'
import { ago, until } from './time.js'

/** A key as `list` prints it, with its secret only under `--reveal`. */
export type ListedKey = KeyView & { readonly secret?: string }

/** Returns the state of a key in one word. `disabled` by the operator hides the health of the key. */
export function statusOf(key: KeyView): KeyStatus {
  return key.enabled ? key.status : 'disabled'
}

/** Columns that a list has only where they are asked for. */
const onDemand: ReadonlySet<KeyColumnName> = new Set(['added', 'site', 'weight'])

/** The columns of a list: those that were asked for, or else all that are worth their room. */
export function keyColumns(
  paint: Colors,
  now: number,
  asked?: readonly KeyColumnName[],
): Column<ListedKey>[] {
  const all = allColumns(paint, now)
  if (asked === undefined)
    return keyColumnNames.filter((name) => !onDemand.has(name)).map((name) => all[name])
  return asked.map((name) => all[name])
}

function allColumns(paint: Colors, now: number): Readonly<Record<KeyColumnName, Column<ListedKey>>> {
  return {
    key: { title: 'KEY', cell: (key) => key.secret ?? key.key, importance: 10 },
    label: { title: 'LABEL', cell: (key) => key.label ?? '', importance: 8, minWidth: 8 },
    status: {
      title: 'STATUS',
      cell: statusOf,
      paint: (cell, key) => paintStatus(paint, statusOf(key))(cell),
      importance: 9,
    },
    balance: { title: 'BALANCE', cell: balanceText, align: 'right', importance: 5.5 },
    requests: { title: 'REQUESTS', cell: (key) => String(key.requests), align: 'right', importance: 6 },
    ok: { title: 'OK', cell: successText, align: 'right', importance: 4 },
    used: {
      title: 'LAST USED',
      cell: (key) => (key.lastUsedAt === null ? '' : ago(key.lastUsedAt, now)),
      align: 'right',
      importance: 3,
    },
    account: {
      title: 'ACCOUNT',
      cell: (key) => (key.account === key.id ? '' : key.account),
      importance: 2,
      minWidth: 8,
    },
    added: { title: 'ADDED', cell: (key) => ago(key.addedAt, now), align: 'right', importance: 2 },
    site: { title: 'SITE', cell: (key) => key.site, importance: 2 },
    weight: { title: 'WEIGHT', cell: (key) => String(key.weight), align: 'right', importance: 2 },
    id: { title: 'ID', cell: (key) => key.id, importance: 9.5, paint: (cell) => paint.dim(cell) },
    note: { title: 'NOTE', cell: (key) => noteText(key, now), importance: 7, minWidth: 12 },
  }
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
