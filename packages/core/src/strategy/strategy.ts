import type { OutcomeKind } from '../outcome/outcome.js'

/** What a strategy may know of a key: live figures, no secret. */
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
  /** Attempts that ended otherwise than well, for reasons that are neither the caller's nor the model's. */
  readonly failures: number
  /** Money left on the account as last heard or estimated; null when nothing is known. At most 0 when it is empty. */
  readonly balance: number | null
  /** Requests that the account began, and tokens that it used, in the minute before `now`. */
  rpm(now: number): number
  tpm(now: number): number
}

/** The request that a key is picked for. */
export interface PickRequest {
  /** `''` when the request names none. */
  readonly model: string
  /** Milliseconds since the Unix epoch. */
  readonly now: number
  /** What the requests of one conversation have in common; null when nothing tells. Computed when first read. */
  readonly session: string | null
}

/** What became of a pick. */
export interface EndedPick {
  readonly model: string
  /** As in the request it was picked for; null unless the strategy `usesSession`. */
  readonly session: string | null
  readonly kind: OutcomeKind
  /** From the dispatch to the first output; null when none came. */
  readonly firstOutputMs: number | null
  /** When it ended, in milliseconds since the Unix epoch. */
  readonly now: number
}

/**
 * Decides which of the ready keys serves next. It is told when a key becomes ready and when it stops being so, and
 * keeps whatever order it needs; it never walks the whole pool to pick.
 *
 * `pick` offers candidates to `accepts` until one is accepted (a candidate may rest on the model asked for, or have
 * been tried for this request already). A candidate passed over has had its turn: it is not owed a burst later.
 * A key whose weight changes is removed and added again.
 */
export interface Strategy {
  add(candidate: Candidate): void
  remove(candidate: Candidate): void
  /** Undefined when no candidate is accepted. */
  pick(accepts: (candidate: Candidate) => boolean, request: PickRequest): Candidate | undefined
  /** Whom `pick` would give now, without any turn being counted. Without it, `explain` names nobody in advance. */
  peek?(accepts: (candidate: Candidate) => boolean, request: PickRequest): Candidate | undefined
  /** Told how each attempt under a picked key ended; the key may have left meanwhile. */
  ended?(candidate: Candidate, pick: EndedPick): void
  /** Whether `ended` needs the session of the request: to remember it costs a reading of the body. @default false */
  readonly usesSession?: boolean
}
