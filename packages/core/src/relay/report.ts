import type { KeyPoolError } from '../errors.js'
import type { OutcomeKind } from '../outcome/outcome.js'
import type { Usage } from '../usage/usage.js'

/** One upstream call of a request, for logs. */
export interface AttemptReport {
  /** The key's id. */
  readonly key: string
  /** The id of the key's account as the attempt began. */
  readonly account: string
  readonly outcome: OutcomeKind
  /** The upstream's HTTP status; null when none arrived. */
  readonly status: number | null
  readonly durationMs: number
  /** The model of the call, where it is not the one that the client asked for. */
  readonly model?: string
}

/** What a request cost, in millionths of a millionth of the currency's unit. */
export interface RequestCost {
  readonly amount: bigint
  readonly currency: string
}

/** How a request ended. */
export interface RelayReport {
  readonly requestId: string | null
  /** The status that the client got, or would have got without a heartbeat before; 499 when the client left first. */
  readonly status: number
  /** The model that served the request, or was tried last. */
  readonly model: string
  /** The name that the client asked for: an alias, or a model that another one replaced. */
  readonly askedModel: string
  /** The client's name in the ledger; null for none. */
  readonly client: string | null
  readonly outcome: OutcomeKind
  readonly attempts: readonly AttemptReport[]
  readonly usage: Usage | null
  /** What all its attempts cost; null when that is unknown, or nothing was counted. */
  readonly cost: RequestCost | null
  /** The bytes of the body that went to the client. */
  readonly bytes: number
  readonly durationMs: number
  /** From the beginning of the request to its first output; null without output. */
  readonly firstOutputMs: number | null
  /** The part of the duration that was spent waiting for a key. */
  readonly waitedMs: number
  /** The error of the pool that the client got; null when the upstream's answer was passed on whole. */
  readonly error: KeyPoolError | null
}
