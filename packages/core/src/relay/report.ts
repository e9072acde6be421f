import type { KeyPoolError } from '../errors.js'
import type { OutcomeKind } from '../outcome/outcome.js'
import type { Usage } from '../usage/usage.js'

/** One upstream call of a request, for logs. */
export interface AttemptReport {
  /** The key's id. */
  readonly key: string
  readonly outcome: OutcomeKind
  /** The upstream's HTTP status; null when none arrived. */
  readonly status: number | null
  readonly durationMs: number
  /** The model it was made for, where that is not the one the client asked for. */
  readonly model?: string
}

/** What became of a request. */
export interface RelayReport {
  readonly requestId: string | null
  /** What the client got, or would have got if no heartbeat had begun a stream before; 499 when it left first. */
  readonly status: number
  /** The model that served, or was tried last. */
  readonly model: string
  /** The name that the client asked for: an alias, or a model that another one stood in for. */
  readonly askedModel: string
  readonly outcome: OutcomeKind
  readonly attempts: readonly AttemptReport[]
  readonly usage: Usage | null
  /** Bytes of the body that went to the client. */
  readonly bytes: number
  readonly durationMs: number
  /** The part of it that was spent waiting for a key. */
  readonly waitedMs: number
  /** Ours, when the answer was; null when the upstream's answer was passed on whole. */
  readonly error: KeyPoolError | null
}
