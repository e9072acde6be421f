import type { OutcomeKind } from '../outcome/outcome.js'

/** A key as a strategy sees it: live figures, no secret. */
export interface Candidate {
  readonly id: string
  readonly label: string | null
  /** Share of the traffic, above 0. */
  readonly weight: number
  /** Place among the pool's keys: lower came earlier. */
  readonly order: number
  /** Attempts running now. */
  readonly inFlight: number
  readonly requests: number
  readonly successes: number
  /** Attempts that failed for reasons that are neither the caller's nor the model's. */
  readonly failures: number
  /** Balance of the account, as last reported or estimated; null when unknown. At most 0 when the account is empty. */
  readonly balance: number | null
  /** Requests that the account began in the minute before `now`. */
  rpm(now: number): number
  /** Tokens that the account used in the minute before `now`. */
  tpm(now: number): number
}

/** The request that a key is picked for. */
export interface PickRequest {
  /** The model asked for; `''` when the request names none. */
  readonly model: string
  /** Milliseconds since the Unix epoch. */
  readonly now: number
  /** Identifies the conversation of the request; null when unknown. Computed when first read. */
  readonly session: string | null
}

/** How the attempt under a picked key ended. */
export interface EndedPick {
  readonly model: string
  /** The session of the request; null unless the strategy `usesSession`. */
  readonly session: string | null
  readonly kind: OutcomeKind
  /** Milliseconds from the dispatch to the first output; null when none came. */
  readonly firstOutputMs: number | null
  /** When the attempt ended, in milliseconds since the Unix epoch. */
  readonly now: number
}

/**
 * Decides which of the ready keys serves next. The pool calls `add` when a key becomes ready and `remove` when it stops
 * being ready. The strategy keeps its own order of the keys and never iterates over the whole pool to pick.
 *
 * `pick` offers candidates to `accepts` until one is accepted (a candidate may be cooling down on the model
 * asked for, or have been tried for this request already). A refused candidate has had its turn and gets no burst later.
 * A key whose weight changes is removed and added again.
 */
export interface Strategy {
  add(candidate: Candidate): void
  remove(candidate: Candidate): void
  /** Picks a candidate; undefined when none is accepted. */
  pick(accepts: (candidate: Candidate) => boolean, request: PickRequest): Candidate | undefined
  /** The candidate that `pick` would return now; counts no turn. Without it, `explain` predicts no key. */
  peek?(accepts: (candidate: Candidate) => boolean, request: PickRequest): Candidate | undefined
  /** Called when an attempt under a picked key ends; the key may have been removed meanwhile. */
  ended?(candidate: Candidate, pick: EndedPick): void
  /** Whether `ended` needs the session of the request, which costs reading the body. @default false */
  readonly usesSession?: boolean
}
