import * as v from 'valibot'
import { ConfigError } from '../errors.js'
import type { HistoryOptions } from '../history/history-options.js'
import { type Span, spanMs, startOf } from '../history/spans.js'
import { type HistoryDimension, type HistoryRange, historyDimensions } from '../history/stored-history.js'
import { check, strict } from '../validation.js'

/** Which time, and how it is split. */
export interface HistoryPeriod {
  /** The time up to now, as in `5m`, `24h` or `30d`. @default '1h' */
  readonly window?: string
  /** The beginning, in place of a window, as an ISO 8601 instant. */
  readonly from?: string
  /** The end, not included. @default now */
  readonly to?: string
  /** What to split the figures by. @default 'none' */
  readonly by?: HistoryDimension
  /**
   * The length of a step in seconds: one of 60, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 43200, 86400. A
   * longer one is taken where shorter ones are no longer kept. @default by the length of the time
   */
  readonly step?: number
  /** Only the figures of one upstream. @default all */
  readonly upstream?: string
}

/** `tokens` are those of the input and the output; `latency` and `ttft` are in milliseconds. */
export type HistoryMetric = (typeof historyMetrics)[number]

export interface HistoryQuery extends HistoryPeriod {
  readonly metric: HistoryMetric
  /** Which percentile of `latency` and `ttft`. @default 'p95' */
  readonly percentile?: Percentile
}

export type Percentile = 'p50' | 'p95' | 'p99'

/** A period with its defaults filled in. Instants are milliseconds since the Unix epoch. */
export interface CheckedPeriod extends HistoryRange {
  readonly stepMs: number
  readonly steps: number
  /** The end that was asked for; the last step may be longer. */
  readonly until: number
  readonly upstream: string | null
}

export const historyMetrics = [
  'requests',
  'tokens',
  'errors',
  'cost',
  'latency',
  'ttft',
  'balance',
  'promptTokens',
  'completionTokens',
  'cachedTokens',
  'reasoningTokens',
  'images',
] as const

const stepSeconds = [60, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 43_200, 86_400]
const stepRule = `must be one of ${stepSeconds.join(', ')} seconds`
const windowRule = 'must be a length of time as in "5m", "24h" or "30d"'
const instantRule = 'must be an instant as in "2026-10-05T08:00:00Z"'

const instant = v.pipe(
  v.string(instantRule),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/, instantRule),
  v.check((text) => !Number.isNaN(Date.parse(text)), instantRule),
)

const periodEntries = {
  window: v.optional(v.pipe(v.string(windowRule), v.regex(/^[1-9]\d{0,6}[mhd]$/, windowRule))),
  from: v.optional(instant),
  to: v.optional(instant),
  by: v.optional(v.picklist(historyDimensions, `must be one of ${historyDimensions.join(', ')}`)),
  step: v.optional(v.picklist(stepSeconds, stepRule)),
  upstream: v.optional(v.string('must be the name of an upstream')),
}

export const periodSchema: v.GenericSchema = strict(
  periodEntries,
  'must be an object of window, from, to, by, step and upstream',
)

export const historyQuerySchema: v.GenericSchema = strict(
  {
    metric: v.picklist(historyMetrics, `must be one of ${historyMetrics.join(', ')}`),
    percentile: v.optional(v.picklist(['p50', 'p95', 'p99'], 'must be one of p50, p95, p99')),
    ...periodEntries,
  },
  'must be an object of metric, window, from, to, by, step, percentile and upstream',
)

const windowUnits: Readonly<Record<string, number>> = { m: spanMs.minute, h: spanMs.hour, d: spanMs.day }
const defaultWindow = '1h'
/** The most steps of an answer. */
const mostSteps = 3_000
/** Up to this length, minutes are shown; up to the second one, hours. */
const minutesUpToMs = 3 * spanMs.hour
const hoursUpToMs = 14 * spanMs.day

/** What the provider's calendar and the history kept say about a period. */
export interface PeriodContext {
  readonly now: number
  readonly dayOffsetMs: number
  readonly keep: Required<HistoryOptions>
}

/** Checks a query. Throws a `ConfigError` that names the option, the rule and the value. */
export function checkHistoryQuery(query: HistoryQuery, context: PeriodContext): CheckedPeriod {
  check(historyQuerySchema, query, 'history')
  const { metric, by = 'none' } = query
  if (metric === 'balance' && by !== 'none' && by !== 'account')
    throw new ConfigError('history.by', 'must be none or account for the metric balance', by)
  return periodOf(query, context)
}

export function checkPeriod(period: HistoryPeriod, context: PeriodContext): CheckedPeriod {
  check(periodSchema, period, 'history')
  return periodOf(period, context)
}

function periodOf(period: HistoryPeriod, context: PeriodContext): CheckedPeriod {
  const { now, dayOffsetMs, keep } = context
  if (period.window !== undefined && period.from !== undefined)
    throw new ConfigError('history.window', 'must not be given together with from', period.window)
  const until = period.to === undefined ? now : Math.min(Date.parse(period.to), now)
  const since = period.from === undefined ? null : Date.parse(period.from)
  if (since !== null && since >= until)
    throw new ConfigError('history.from', 'must come before to, and not lie in the future', period.from)
  const lengthMs = since === null ? windowMs(period.window ?? defaultWindow) : until - since
  const stepMs = stepFor(until - lengthMs, lengthMs, period.step, { now, keep })
  const last = startOf(since === null && period.to === undefined ? until : until - 1, stepMs, dayOffsetMs)
  const from =
    since === null
      ? last - (Math.max(Math.ceil(lengthMs / stepMs), 1) - 1) * stepMs
      : startOf(since, stepMs, dayOffsetMs)
  const span: Span = stepMs < spanMs.hour ? 'minute' : stepMs < spanMs.day ? 'hour' : 'day'
  const { by = 'none', upstream = null } = period
  const steps = (last - from) / stepMs + 1
  return { by, span, from, to: last + stepMs, until, stepMs, steps, upstream }
}

function windowMs(window: string): number {
  return Number(window.slice(0, -1)) * (windowUnits[window.slice(-1)] ?? 0)
}

/** The step that was asked for, or the next longer one that is kept for the whole time, and not too many. */
function stepFor(
  from: number,
  lengthMs: number,
  asked: number | undefined,
  { now, keep }: Pick<PeriodContext, 'now' | 'keep'>,
): number {
  const usual = lengthMs <= minutesUpToMs ? spanMs.minute : lengthMs <= hoursUpToMs ? spanMs.hour : spanMs.day
  const ageMs = now - from
  const kept =
    ageMs <= keep.minutes * spanMs.minute
      ? spanMs.minute
      : ageMs <= keep.hours * spanMs.hour
        ? spanMs.hour
        : spanMs.day
  const least = Math.max(asked === undefined ? usual : asked * 1_000, kept, lengthMs / mostSteps)
  return stepSeconds.map((step) => step * 1_000).find((step) => step >= least) ?? spanMs.day
}
