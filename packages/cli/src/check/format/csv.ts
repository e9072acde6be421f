import { withoutControls } from '../../render/scrub.js'
import type { CheckResult } from '../check-result.js'

const columns: readonly (readonly [title: string, cell: (result: CheckResult) => string])[] = [
  ['line', ({ line }) => (line === null ? '' : String(line))],
  ['id', ({ id }) => id],
  ['key', ({ key }) => key],
  ['label', ({ label }) => label ?? ''],
  ['site', ({ site }) => site],
  ['verdict', ({ verdict }) => verdict],
  [
    'detail',
    ({ restriction, rightSite, cause, low }) => restriction ?? rightSite ?? cause ?? (low ? 'low' : ''),
  ],
  ['reason', ({ reason }) => reason],
  ['next', ({ next }) => next ?? ''],
  ['balance', ({ balance }) => balance?.amount ?? ''],
  ['currency', ({ balance }) => (balance?.amount == null ? '' : balance.currency)],
  ['source', ({ balance }) => balance?.source ?? ''],
]

export const csvHeading: string = columns.map(([title]) => title).join(',')

/** Formats a result as a CSV line (RFC 4180). */
export function csvLine(result: CheckResult): string {
  return columns.map(([, cell]) => quoted(cell(result))).join(',')
}

/** Quotes a cell where needed. Text that a spreadsheet would run as a formula gets an apostrophe in front. */
function quoted(cell: string): string {
  const text = withoutControls(cell)
  const harmless = /^[=+@\t\n]|^-(?![\d.]+$)/.test(text) ? `'${text}` : text
  return /[",\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
