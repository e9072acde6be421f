import type { Tally } from '../history/tally.js'
import { formatMoney } from '../money/decimal.js'
import type { CheckedPeriod, HistoryMetric, HistoryQuery, Percentile } from './history-query.js'
import type { NamedSteps } from './name-steps.js'

/** A count; milliseconds; money as an exact decimal string. Null where nothing is known. */
export type HistoryValue = number | string | null

export interface HistorySeries {
  /** The key's id, the account, the model as clients asked for it, the client; `all` when nothing is split. */
  readonly name: string
  /** Of money. */
  readonly currency?: string
  /** The beginning of each step, as an ISO 8601 instant, and the value of the step. */
  readonly points: readonly (readonly [instant: string, value: HistoryValue])[]
}

export interface HistoryReport {
  readonly metric: HistoryMetric
  /** In seconds. */
  readonly step: number
  readonly from: string
  readonly to: string
  /** The names with the most requests first; those for which there is no room are `other`. */
  readonly series: readonly HistorySeries[]
}

const shares: Readonly<Record<Percentile, number>> = { p50: 0.5, p95: 0.95, p99: 0.99 }

/** Makes the answer to a query. `currency` is that of a pool in which none was seen. */
export function historyReport(
  query: HistoryQuery,
  period: CheckedPeriod,
  { names, currency }: { readonly names: readonly NamedSteps[]; readonly currency: string },
): HistoryReport {
  const instants = instantsOf(period)
  const { metric } = query
  const isMoney = metric === 'cost' || metric === 'balance'
  const series = names.flatMap((each) =>
    isMoney
      ? moneySeries(each, { metric, instants, currency })
      : [{ name: each.name, points: pointsOf(each, instants, readerOf(query)) }],
  )
  return {
    metric,
    step: period.stepMs / 1_000,
    from: isoOf(period.from),
    to: isoOf(period.until),
    series,
  }
}

export function instantsOf({ from, stepMs, steps }: CheckedPeriod): string[] {
  return Array.from({ length: steps }, (_, at) => isoOf(from + at * stepMs))
}

/** Milliseconds, in tenths. */
export const roundedMs = (milliseconds: number | null): number | null =>
  milliseconds === null ? null : Math.round(milliseconds * 10) / 10

export const isoOf = (at: number): string => new Date(at).toISOString()

function readerOf({ metric, percentile = 'p95' }: HistoryQuery): (tally: Tally | undefined) => HistoryValue {
  const share = shares[percentile]
  switch (metric) {
    case 'requests':
    case 'errors':
      return (tally) => tally?.[metric] ?? 0
    case 'tokens':
      return (tally) => (tally?.count('promptTokens') ?? 0) + (tally?.count('completionTokens') ?? 0)
    case 'latency':
      return (tally) => roundedMs(tally?.duration.percentile(share) ?? null)
    case 'ttft':
      return (tally) => roundedMs(tally?.firstOutput.percentile(share) ?? null)
    case 'cost':
    case 'balance':
      return () => null
    default:
      return (tally) => tally?.count(metric) ?? 0
  }
}

function pointsOf(
  { tallies }: NamedSteps,
  instants: readonly string[],
  value: (tally: Tally | undefined) => HistoryValue,
): HistorySeries['points'] {
  return instants.map((instant, at) => [instant, value(tallies[at])])
}

/** A series for each currency. A balance holds until the next one is known. */
function moneySeries(
  { name, tallies }: NamedSteps,
  given: {
    readonly metric: 'cost' | 'balance'
    readonly instants: readonly string[]
    readonly currency: string
  },
): HistorySeries[] {
  const { metric, instants } = given
  const amountsOf = (tally: Tally | undefined) =>
    (metric === 'cost' ? tally?.cost : tally?.balances)?.amounts() ?? []
  const currencies = new Set(tallies.flatMap((tally) => amountsOf(tally).map(({ currency }) => currency)))
  if (currencies.size === 0) currencies.add(given.currency)
  return Array.from(currencies, (currency) => {
    let last: string | null = metric === 'cost' ? formatMoney(0n) : null
    const points = instants.map((instant, at): [string, HistoryValue] => {
      const found = amountsOf(tallies[at]).find((each) => each.currency === currency)
      const value = found === undefined ? last : formatMoney(found.amount)
      if (metric === 'balance') last = value
      return [instant, value]
    })
    return { name, currency, points }
  })
}
