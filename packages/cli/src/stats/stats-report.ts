import type { KeyStatus } from '../config/settings.js'

/** The figures of one key. */
export interface KeyFigures {
  /** The masked key. */
  readonly key: string
  readonly label: string | null
  readonly status: KeyStatus
  /** The number of upstream calls with the key, and of successful ones. */
  readonly requests: number
  readonly successes: number
  /** ISO 8601, UTC. */
  readonly lastUsedAt: string | null
}

export interface ModelFigures {
  readonly model: string
  readonly requests: number
  readonly successes: number
  readonly promptTokens: number
  readonly completionTokens: number
}

/** Usage figures of the pool, from a store or a running server. */
export interface StatsReport {
  /** Requests of clients, which only a running server knows. */
  readonly requests: {
    readonly total: number
    readonly successes: number
    /** Requests that wait for a key now. */
    readonly waiting: number
    readonly since: string
  } | null
  /** Upstream calls made for these requests. */
  readonly attempts: number
  readonly tokens: { readonly prompt: number; readonly completion: number }
  readonly keys: readonly KeyFigures[]
  readonly models: readonly ModelFigures[]
  /** The value that `--json` prints. */
  readonly json: unknown
}
