import type { Candidate } from '../strategy.js'

/** A candidate with the state of its ranking, kept while the candidate exists. */
export interface Entry {
  readonly candidate: Candidate
  /** Sequence number of the last turn: among equal keys, the one that waited longest serves. */
  lastTurn: number
  /** Added to the figure by `byWatermark`; it fades from `offsetAt` on. */
  catchUpOffset: number
  offsetAt: number
  /** The figure counts as no lower than the watermark until the key serves. */
  isHeldToWatermark: boolean
}

/** The entries to compare: the first `count` of `compared`, each with its cost at the same index of `costs`. */
export interface Comparison {
  readonly compared: Entry[]
  readonly costs: Float64Array
  count: number
}

/** Ranks keys by a cost. */
export interface Scoring {
  /** Writes the costs: the key with the lowest cost serves. */
  writeCosts(comparison: Comparison, now: number): void
  joined?(entry: Entry, isFirst: boolean): void
  /** Called for an entry that was offered and not accepted. */
  passed?(entry: Entry): void
  served?(entry: Entry, now: number): void
}

/** Scores each candidate independently of the others. */
export function byCost(cost: (candidate: Candidate, now: number) => number): Scoring {
  return {
    writeCosts({ compared, costs, count }, now) {
      for (let place = 0; place < count; place++)
        costs[place] = cost((compared[place] as Entry).candidate, now)
    },
  }
}
