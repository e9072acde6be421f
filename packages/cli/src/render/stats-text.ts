import type { KeyFigures, ModelFigures, StatsReport } from '../stats/stats-report.js'
import type { Colors } from './colors.js'
import { count, countWords } from './count.js'
import { paintStatus } from './key-table.js'
import { type Column, renderTable } from './table.js'
import { ago, span } from './time.js'

interface Layout {
  readonly maxWidth: number | undefined
  readonly paint: Colors
  readonly now: number
}

/** Renders totals, a table of keys and a table of models. Yields blocks of whole lines. */
export async function* renderStats(
  report: StatsReport,
  layout: Layout,
): AsyncGenerator<string, void, undefined> {
  yield totals(report, layout).join('\n')
  if (report.keys.length > 0) yield ''
  yield* renderTable(report.keys, keyColumns(layout), layout)
  if (report.models.length > 0) yield ''
  yield* renderTable(report.models, modelColumns, layout)
}

function totals({ requests, attempts, tokens, keys }: StatsReport, { paint, now }: Layout): string[] {
  const named = (name: string, text: string): string => `${paint.bold(name.padEnd(8))}  ${text}`
  const states = keys.length === 0 ? '' : `: ${countWords(keys.map(({ status }) => status))}`
  const lines = [named('KEYS', `${count(keys.length, 'key')}${states}`)]
  if (requests !== null) {
    const { total, successes, waiting, since } = requests
    const share = total === 0 ? '' : `, ${percent(successes, total)} successful`
    const queue = waiting === 0 ? '' : `, ${number(waiting)} waiting for a key`
    const lengthMs = now - Date.parse(since)
    lines.push(named('REQUESTS', `${number(total)} in ${span(lengthMs)}${share}${queue}`))
  }
  lines.push(named('ATTEMPTS', number(attempts)))
  lines.push(named('TOKENS', `${number(tokens.prompt)} in, ${number(tokens.completion)} out`))
  return lines
}

function keyColumns({ paint, now }: Layout): Column<KeyFigures>[] {
  return [
    { title: 'KEY', cell: ({ key }) => key, importance: 10 },
    { title: 'LABEL', cell: ({ label }) => label ?? '', importance: 7, minWidth: 8 },
    {
      title: 'STATUS',
      cell: ({ status }) => status,
      paint: (cell, { status }) => paintStatus(paint, status)(cell),
      importance: 9,
    },
    { title: 'ATTEMPTS', cell: ({ requests }) => number(requests), align: 'right', importance: 8 },
    {
      title: 'OK',
      cell: ({ requests, successes }) => (requests === 0 ? '' : percent(successes, requests)),
      align: 'right',
      importance: 6,
    },
    {
      title: 'LAST USED',
      cell: ({ lastUsedAt }) => (lastUsedAt === null ? '' : ago(lastUsedAt, now)),
      align: 'right',
      importance: 5,
    },
  ]
}

const modelColumns: Column<ModelFigures>[] = [
  { title: 'MODEL', cell: ({ model }) => model, importance: 10, minWidth: 16 },
  { title: 'REQUESTS', cell: ({ requests }) => number(requests), align: 'right', importance: 9 },
  {
    title: 'OK',
    cell: ({ requests, successes }) => (requests === 0 ? '' : percent(successes, requests)),
    align: 'right',
    importance: 7,
  },
  { title: 'TOKENS IN', cell: ({ promptTokens }) => number(promptTokens), align: 'right', importance: 8 },
  {
    title: 'TOKENS OUT',
    cell: ({ completionTokens }) => number(completionTokens),
    align: 'right',
    importance: 8,
  },
]

function number(amount: number): string {
  return amount.toLocaleString('en-US')
}

/** Formats a share as a percentage, rounded down, so that 100 % means all. */
function percent(part: number, whole: number): string {
  return `${Math.floor((100 * part) / whole)}%`
}
