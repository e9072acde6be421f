import type { KeyRequest } from '../selection/key-request.js'
import { checkFigure } from '../validation.js'

/** What a caller with a client of its own asks for. */
export interface LeaseRequest {
  /** @default '': any model, with the limits of none */
  readonly model?: string
  /** Tokens that the call is expected to use, input and output; counted against limits until `settle` says better. */
  readonly tokens?: number
  /** Pictures that it asks for. @default 0 */
  readonly images?: number
  /** What the calls of one conversation have in common, for `sticky`. */
  readonly session?: string
  /** Whether it will ask for a stream, for `rules.stream`. @default false */
  readonly stream?: boolean
  /** On whose behalf, for the ledger. @default no client in particular */
  readonly client?: string
  /** How long to wait for a key at most, in milliseconds. @default `queue.maxWaitMs` of the pool */
  readonly maxWaitMs?: number
  /** Ends the waiting. */
  readonly signal?: AbortSignal
}

/** What such a request wants of a lease. */
export function keyRequestOf(request: LeaseRequest): KeyRequest {
  const { model = '', tokens, images = 0, session = null, stream = false, client = null } = request
  return {
    model,
    now: 0,
    tried: null,
    lastResorts: 1,
    account: null,
    promptTokens: tokens ?? 0,
    // What the caller expects is all of it; of other calls their average is expected.
    maxOutput: tokens === undefined ? null : 0,
    images,
    isStream: stream,
    isFree: false,
    session,
    client,
  }
}

/** Throws a `ConfigError` for what cannot be reserved, or waited for. */
export function checkLeaseRequest({ tokens = 0, images = 0, maxWaitMs = 0 }: LeaseRequest): void {
  checkFigure('tokens', tokens)
  checkFigure('images', images)
  if (maxWaitMs !== Number.POSITIVE_INFINITY) checkFigure('maxWaitMs', maxWaitMs)
}
