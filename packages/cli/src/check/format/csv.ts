import { csvRow } from '../../render/csv-row.js'
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
  return csvRow(columns.map(([, cell]) => cell(result)))
}
