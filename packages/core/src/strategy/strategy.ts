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
  pick(accepts: (candidate: Candidate) => boolean): Candidate | undefined
}
