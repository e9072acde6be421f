import type { Candidate } from '../strategy.js'

/** A candidate, and what is remembered of it as long as it lives. */
export interface Seat {
  readonly candidate: Candidate
  /** Order of the last turn: among equals, whoever waited longest serves. */
  turn: number
  /** Added to the figure by `levelled`, and since when it fades. */
  lift: number
  liftedAt: number
  isOwedNothing: boolean
}

/** Whom to compare now: the first `count` of `compared`, each with its cost at the same place of `costs`. */
export interface Comparison {
  readonly compared: Seat[]
  readonly costs: Float64Array
  count: number
}

/** What makes one key better than another. */
export interface Scoring {
  /** Writes the costs: the lowest serves. */
  judge(comparison: Comparison, now: number): void
  joined?(seat: Seat, isFirst: boolean): void
  /** It was offered and not accepted. */
  passed?(seat: Seat): void
  served?(seat: Seat, now: number): void
}

/** Scores each candidate for itself. */
export function byCost(cost: (candidate: Candidate, now: number) => number): Scoring {
  return {
    judge({ compared, costs, count }, now) {
      for (let place = 0; place < count; place++)
        costs[place] = cost((compared[place] as Seat).candidate, now)
    },
  }
}
