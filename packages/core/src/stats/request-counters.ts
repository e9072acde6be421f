import type { OutcomeKind } from '../outcome/outcome.js'
import type { RelayReport } from '../relay/report.js'
import type { Usage } from '../usage/usage.js'

/** Clients choose the model names, so their number is limited. The models beyond it are counted under one name. */
const maxModels = 1_000
const otherModels = '(other models)'

export interface ModelCounts {
  readonly model: string
  readonly requests: number
  readonly successes: number
  readonly promptTokens: number
  readonly completionTokens: number
}

export interface TokenCounts {
  readonly prompt: number
  readonly completion: number
  readonly total: number
  readonly cached: number
  readonly reasoning: number
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

/** Counts what the pool has served since it was created: requests, the attempts behind them, and tokens by model. */
export class RequestCounters {
  requests = 0
  successes = 0
  attempts = 0
  readonly failures: Partial<Record<OutcomeKind, number>> = {}
  readonly tokens: Mutable<TokenCounts> = { prompt: 0, completion: 0, total: 0, cached: 0, reasoning: 0 }
  readonly #models = new Map<string, Mutable<ModelCounts>>()

  countRequest(report: RelayReport): void {
    this.requests++
    this.attempts += report.attempts.length
    const model = this.#modelOf(report.model)
    model.requests++
    if (report.outcome === 'success') {
      this.successes++
      model.successes++
    } else {
      this.failures[report.outcome] = (this.failures[report.outcome] ?? 0) + 1
    }
    if (report.usage !== null) this.#countTokens(report.usage, model)
  }

  /** The models with the most requests first. */
  models(): ModelCounts[] {
    return Array.from(this.#models.values(), (counts) => ({ ...counts })).sort(
      (one, other) => other.requests - one.requests,
    )
  }

  #countTokens(usage: Usage, model: Mutable<ModelCounts>): void {
    this.tokens.prompt += usage.promptTokens
    this.tokens.completion += usage.completionTokens
    this.tokens.total += usage.totalTokens
    this.tokens.cached += usage.cachedTokens
    this.tokens.reasoning += usage.reasoningTokens
    model.promptTokens += usage.promptTokens
    model.completionTokens += usage.completionTokens
  }

  #modelOf(name: string): Mutable<ModelCounts> {
    const known = this.#models.get(name)
    if (known !== undefined) return known
    const isFull = this.#models.size >= maxModels && name !== otherModels
    if (isFull) return this.#modelOf(otherModels)
    const counts = { model: name, requests: 0, successes: 0, promptTokens: 0, completionTokens: 0 }
    this.#models.set(name, counts)
    return counts
  }
}
