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

/** One result as a line of RFC 4180. */
export function csvLine(result: CheckResult): string {
  return columns.map(([, cell]) => quoted(cell(result))).join(',')
}

/** Quoted where it must be. Spreadsheets take text that begins like a formula for one: those get an apostrophe. */
function quoted(text: string): string {
  const harmless = /^[=+@\t\r]|^-(?![\d.]+$)/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
