import type { HistoryOptions } from '../history/history-options.js'
import { spanMs, startOf } from '../history/spans.js'
import { isSplit } from '../history/stored-history.js'
import type { Latencies } from '../history/tally.js'
import type { KeyView } from '../key/key-view.js'
import type { HistoryWriter } from '../persistence/history-writer.js'
import type { Runtime } from '../runtime/runtime.js'
import { type FiguresReport, figuresReport, type HistoryFigures } from './history-figures.js'
import {
  type CheckedPeriod,
  checkHistoryQuery,
  checkPeriod,
  type HistoryPeriod,
  type HistoryQuery,
  type PeriodContext,
} from './history-query.js'
import { type HistoryReport, historyReport } from './history-series.js'
import { type NamedSteps, nameSteps, sumOf } from './name-steps.js'

/** What the pool does at present, as the limits of providers count it. */
export interface PoolRates {
  /** Requests, tokens and images of the last sixty seconds, of this process. */
  readonly rpm: number
  readonly tpm: number
  readonly ipm: number
  /** The same since the provider's day began, of all processes with this store. */
  readonly rpd: number
  readonly tpd: number
  readonly ipd: number
}

export interface PoolHistoryParts {
  readonly writer: HistoryWriter
  readonly runtime: Pick<Runtime, 'now'>
  readonly dayOffsetMs: number
  readonly keep: Required<HistoryOptions>
  /** A key by its id, as people may see it. */
  readonly keyOf: (id: string) => Pick<KeyView, 'key' | 'label'> | undefined
  /** The currency of a pool that has spent nothing. */
  readonly currency: string
}

/** Answers questions about the past. */
export class PoolHistory {
  readonly #parts: PoolHistoryParts

  constructor(parts: PoolHistoryParts) {
    this.#parts = parts
  }

  async query(query: HistoryQuery): Promise<HistoryReport> {
    const period = checkHistoryQuery(query, this.#context())
    const { currency } = this.#parts
    return historyReport(query, period, { names: await this.#names(period, latenciesOf(query)), currency })
  }

  async figures(asked: HistoryPeriod): Promise<FiguresReport> {
    const period = checkPeriod(asked, this.#context())
    const { currency } = this.#parts
    const total = await this.#total(period)
    const rows = isSplit(period.by) ? await this.#names(period) : []
    const report = figuresReport(period, total, { rows, currency })
    return period.by === 'key' ? { ...report, rows: report.rows.map((row) => this.#withKey(row)) } : report
  }

  async rates(): Promise<PoolRates> {
    const { writer, dayOffsetMs } = this.#parts
    const { now } = this.#context()
    const minute = writer.recorder.recent.rates(now)
    const from = startOf(now, spanMs.day, dayOffsetMs)
    const to = from + spanMs.day
    const day = {
      by: 'none',
      span: 'day',
      from,
      to,
      until: now,
      stepMs: spanMs.day,
      steps: 1,
      upstream: null,
    } as const
    const sum = sumOf(await this.#total(day))
    return {
      rpm: minute.requests,
      tpm: minute.tokens,
      ipm: minute.images,
      rpd: sum.requests,
      tpd: sum.count('promptTokens') + sum.count('completionTokens'),
      ipd: sum.count('images'),
    }
  }

  #withKey(row: HistoryFigures): HistoryFigures {
    const found = this.#parts.keyOf(row.name)
    return found === undefined ? row : { ...row, key: found.key, label: found.label }
  }

  async #total(period: CheckedPeriod): Promise<NamedSteps> {
    const [total] = await this.#names({ ...period, by: 'none' })
    return total as NamedSteps
  }

  async #names(period: CheckedPeriod, latencies: Latencies = 'all'): Promise<NamedSteps[]> {
    const { by, span, from, to } = period
    const blocks = await this.#parts.writer.read({ by, span, from, to, latencies })
    return nameSteps(blocks, period, this.#parts.keep.names)
  }

  #context(): PeriodContext {
    const { runtime, dayOffsetMs, keep } = this.#parts
    return { now: runtime.now(), dayOffsetMs, keep }
  }
}

function latenciesOf({ metric }: HistoryQuery): Latencies {
  if (metric === 'latency') return 'duration'
  return metric === 'ttft' ? 'firstOutput' : 'none'
}
