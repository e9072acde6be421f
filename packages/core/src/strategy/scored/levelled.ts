import type { Candidate } from '../strategy.js'
import type { Scoring, Seat } from './scoring.js'

export interface Levelling {
  /** What the strategy keeps even among the keys: the lowest serves. */
  readonly figure: (candidate: Candidate, now: number) => number
  /** For how long an absence shows in the figure, in milliseconds. @default Infinity */
  readonly fadeMs?: number
  /** What a key starts from that was never seen before. @default its figure */
  readonly startsAt?: number
}

/**
 * Scores by a figure that grows as a key serves, without catch-up bursts. A key that joins, or was passed over, has a
 * figure far below the others' and would get every request until it had caught up. So it is lifted to the figure of
 * whoever served last, and shares the traffic with the others from there; the lift fades as its absence does.
 */
export function levelled({ figure, fadeMs = Number.POSITIVE_INFINITY, startsAt }: Levelling): Scoring {
  /** The figure, lift and all, of whoever served last. */
  let level = 0

  const liftedFigure = (seat: Seat, now: number): number => {
    const lift = seat.lift === 0 ? 0 : seat.lift * Math.max(0, 1 - Math.max(0, now - seat.liftedAt) / fadeMs)
    return figure(seat.candidate, now) + lift
  }

  return {
    judge({ compared, costs, count }, now) {
      for (let place = 0; place < count; place++) {
        const seat = compared[place] as Seat
        const cost = liftedFigure(seat, now)
        costs[place] = seat.isOwedNothing ? Math.max(cost, level) : cost
      }
    },
    joined(seat, isFirst) {
      seat.isOwedNothing = true
      if (isFirst && startsAt !== undefined) seat.lift = startsAt - figure(seat.candidate, 0)
    },
    passed(seat) {
      seat.isOwedNothing = true
    },
    served(seat, now) {
      const cost = liftedFigure(seat, now)
      if (!seat.isOwedNothing || cost >= level) level = cost
      else {
        seat.lift = level - figure(seat.candidate, now)
        seat.liftedAt = now
      }
      seat.isOwedNothing = false
    },
  }
}
