import type { HistoryFigures } from '@sfpool/core'
import { nameOf, type WindowFigures } from '../stats/window-figures.js'
import type { Colors } from './colors.js'
import { oneLine } from './scrub.js'
import { sparkline } from './sparkline.js'
import { type Column, renderTable } from './table.js'

interface Layout {
  readonly maxWidth: number | undefined
  readonly paint: Colors
}

/** The bars of a trend, in a usual terminal and in a wide one. */
const narrowTrend = 12
const wideTrend = 30
const wideFrom = 110

/** Renders the sums and rates of a window, and a table of its names with their trends. Yields blocks of whole lines. */
export async function* renderFigures(
  report: WindowFigures,
  layout: Layout,
): AsyncGenerator<string, void, undefined> {
  yield totals(report, layout).join('\n')
  if (report.rows.length > 0) yield ''
  yield* renderTable(report.rows, columnsOf(report, layout), layout)
}

function totals({ window, total, rates, from, to }: WindowFigures, { paint, maxWidth }: Layout): string[] {
  const named = (name: string, text: string): string => `${paint.bold(name.padEnd(8))}  ${text}`
  const minutes = Math.max((Date.parse(to) - Date.parse(from)) / 60_000, 1)
  const perMinute = (count: number): string => rate(count / minutes)
  const share = total.requests === 0 ? '' : `, ${percent(total.errors, total.requests)} failed`
  const cost = total.cost === '0.00' ? '' : `, ${oneLine(costOf(total))}`
  const lines = [
    named(
      'REQUESTS',
      `${number(total.requests)} in ${window}${share}, ${perMinute(total.requests)} a minute`,
    ),
    named('TOKENS', `${number(total.tokens)}${cost}, ${perMinute(total.tokens)} a minute`),
  ]
  if (rates !== null) {
    lines.push(named('NOW', `${number(rates.rpm)} RPM, ${number(rates.tpm)} TPM, ${number(rates.ipm)} IPM`))
    lines.push(named('TODAY', `${number(rates.rpd)} RPD, ${number(rates.tpd)} TPD, ${number(rates.ipd)} IPD`))
  }
  const trend = sparkline(total.trend, Math.min((maxWidth ?? 80) - 10, 60))
  return trend === '' ? lines : [...lines, named('TREND', trend)]
}

function columnsOf({ by }: WindowFigures, { maxWidth }: Layout): Column<HistoryFigures>[] {
  const isWide = maxWidth === undefined || maxWidth >= wideFrom
  const trendWidth = isWide ? wideTrend : narrowTrend
  const right = { align: 'right' } as const
  return [
    { title: by.toUpperCase(), cell: nameOf, importance: 10, minWidth: 16 },
    { title: 'REQUESTS', cell: ({ requests }) => number(requests), importance: 9, ...right },
    {
      title: 'FAILED',
      cell: ({ requests, errors }) => (errors === 0 ? '' : percent(errors, requests)),
      importance: 7,
      ...right,
    },
    { title: 'TOKENS', cell: ({ tokens }) => number(tokens), importance: 8, ...right },
    { title: 'COST', cell: costOf, importance: 6, ...right },
    { title: 'TTFT', cell: ({ ttft }) => seconds(ttft.p50Ms), importance: 3, ...right },
    { title: 'P95', cell: ({ latency }) => seconds(latency.p95Ms), importance: 4, ...right },
    { title: 'TREND', cell: ({ trend }) => sparkline(trend, trendWidth), importance: 5 },
  ]
}

const costOf = ({ cost, currency }: HistoryFigures): string => (cost === '0.00' ? '' : `${cost} ${currency}`)

const number = (amount: number): string => amount.toLocaleString('en-US')

const rate = (amount: number): string =>
  amount.toLocaleString('en-US', { maximumFractionDigits: amount < 10 ? 1 : 0 })

/** A share as a percentage, rounded up, so that 0 % means none. */
const percent = (part: number, whole: number): string => `${Math.ceil((100 * part) / whole)}%`

const seconds = (milliseconds: number | null): string =>
  milliseconds === null
    ? ''
    : milliseconds < 1_000
      ? `${Math.round(milliseconds)}ms`
      : `${(milliseconds / 1_000).toFixed(1)}s`
