import type { KeyStatus } from '../config/settings.js'

/** One key's figures. */
export interface KeyFigures {
  /** Masked. */
  readonly key: string
  readonly label: string | null
  readonly status: KeyStatus
  /** Upstream calls made with it, and how many of them went well. */
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

/** What the pool has done, from a store or a running server. */
export interface StatsReport {
  /** Clients' requests, which only a running server knows. */
  readonly requests: {
    readonly total: number
    readonly successes: number
    /** Those that wait for a key now. */
    readonly waiting: number
    readonly since: string
  } | null
  /** Upstream calls behind them. */
  readonly attempts: number
  readonly tokens: { readonly prompt: number; readonly completion: number }
  readonly keys: readonly KeyFigures[]
  readonly models: readonly ModelFigures[]
  /** What `--json` prints. */
  readonly json: unknown
}
