import type { LatencySketch } from '../history/latency-sketch.js'
import type { HistoryDimension } from '../history/stored-history.js'
import { outcomeOrder, type Tally } from '../history/tally.js'
import { formatMoney } from '../money/decimal.js'
import type { OutcomeKind } from '../outcome/outcome.js'
import type { CheckedPeriod } from './history-query.js'
import { isoOf, roundedMs } from './history-series.js'
import { type NamedSteps, sumOf } from './name-steps.js'

/** Percentiles in milliseconds, exact to 5 %; null without requests. */
export interface LatencyFigures {
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
}

/** What happened in a time under one name. */
export interface HistoryFigures {
  /** The key's id, the account, the model, the client; `all` for the sum of all; `other` for those without a row. */
  readonly name: string
  /** Of a key that is still there: masked, and its label. */
  readonly key?: string
  readonly label?: string | null
  /** By key and account: upstream calls. Else: requests of clients. */
  readonly requests: number
  readonly successes: number
  /** Requests that failed; those that the client gave up are neither errors nor successes. */
  readonly errors: number
  readonly outcomes: Readonly<Partial<Record<OutcomeKind, number>>>
  /** Of the input and the output. */
  readonly tokens: number
  readonly promptTokens: number
  readonly completionTokens: number
  readonly cachedTokens: number
  readonly reasoningTokens: number
  readonly images: number
  /** The known cost in `currency`, as an exact decimal string. */
  readonly cost: string
  readonly currency: string
  /** The known cost in each currency, where there are several. */
  readonly costs?: Readonly<Record<string, string>>
  /** Calls of unknown cost. */
  readonly unknownCosts: number
  readonly latency: LatencyFigures
  readonly ttft: LatencyFigures
  /** The requests of each step. */
  readonly trend: readonly number[]
}

export interface FiguresReport {
  readonly from: string
  readonly to: string
  /** The length of the steps of a trend, in seconds. */
  readonly step: number
  readonly by: HistoryDimension
  /** The names with the most requests first; none when nothing is split. */
  readonly rows: readonly HistoryFigures[]
  readonly total: HistoryFigures
}

/** `currency` is that of a pool in which none was seen. */
export function figuresReport(
  period: CheckedPeriod,
  total: NamedSteps,
  { rows, currency }: { readonly rows: readonly NamedSteps[]; readonly currency: string },
): FiguresReport {
  return {
    from: isoOf(period.from),
    to: isoOf(period.until),
    step: period.stepMs / 1_000,
    by: period.by,
    rows: rows.map((each) => figuresOf(each, currency)),
    total: figuresOf(total, currency),
  }
}

function figuresOf(named: NamedSteps, currency: string): HistoryFigures {
  const { name, tallies } = named
  const sum = sumOf(named)
  const outcomes = outcomeOrder.map((kind) => [kind, sum.outcome(kind)] as const).filter(([, n]) => n > 0)
  const tokens = sum.count('promptTokens') + sum.count('completionTokens')
  return {
    name,
    requests: sum.requests,
    successes: sum.outcome('success'),
    errors: sum.errors,
    outcomes: Object.fromEntries(outcomes),
    tokens,
    promptTokens: sum.count('promptTokens'),
    completionTokens: sum.count('completionTokens'),
    cachedTokens: sum.count('cachedTokens'),
    reasoningTokens: sum.count('reasoningTokens'),
    images: sum.count('images'),
    ...costOf(sum, currency),
    unknownCosts: sum.count('unknownCosts'),
    latency: latencyOf(sum.duration),
    ttft: latencyOf(sum.firstOutput),
    trend: Array.from(tallies, (tally) => tally?.requests ?? 0),
  }
}

function costOf(sum: Tally, currency: string): Pick<HistoryFigures, 'cost' | 'currency' | 'costs'> {
  const amounts = sum.cost.amounts()
  const main = amounts.find((each) => each.currency === currency) ?? amounts[0] ?? { currency, amount: 0n }
  const costs = amounts.map((each) => [each.currency, formatMoney(each.amount)] as const)
  return {
    cost: formatMoney(main.amount),
    currency: main.currency,
    ...(costs.length > 1 ? { costs: Object.fromEntries(costs) } : {}),
  }
}

const latencyOf = (sketch: LatencySketch): LatencyFigures => ({
  p50Ms: roundedMs(sketch.percentile(0.5)),
  p95Ms: roundedMs(sketch.percentile(0.95)),
  p99Ms: roundedMs(sketch.percentile(0.99)),
})
