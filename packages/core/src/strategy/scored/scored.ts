import type { Candidate, Strategy } from '../strategy.js'
import { SampledRanking } from './sampled-ranking.js'
import type { Scoring, Seat } from './scoring.js'

/**
 * The machine below all strategies that serve from whoever scores best: exact for pools of up to `exactSize` keys, the
 * best of `sampleSize` drawn by chance above. Equals take turns.
 */
export function scored(chance: () => number, scoring: Scoring): Strategy {
  const field = new SampledRanking(chance, scoring.judge)
  const seats = new WeakMap<Candidate, Seat>()
  let turns = 0

  return {
    add(candidate) {
      const known = seats.get(candidate)
      if (known !== undefined && field.has(known)) return
      const seat = known ?? seatOf(candidate)
      seats.set(candidate, seat)
      seat.turn = turns++
      scoring.joined?.(seat, known === undefined)
      field.add(seat)
    },
    remove(candidate) {
      const seat = seats.get(candidate)
      if (seat !== undefined) field.remove(seat)
    },
    pick(accepts, { now }) {
      const served = field.find((seat) => {
        // A turn is a turn, whether or not it is taken.
        seat.turn = turns++
        if (accepts(seat.candidate)) return true
        scoring.passed?.(seat)
        return false
      }, now)
      field.slide()
      if (served !== undefined) scoring.served?.(served, now)
      return served?.candidate
    },
    peek(accepts, { now }) {
      return field.ahead(() => field.find(({ candidate }) => accepts(candidate), now))?.candidate
    },
  }
}

const seatOf = (candidate: Candidate): Seat => ({
  candidate,
  turn: 0,
  lift: 0,
  liftedAt: 0,
  isOwedNothing: false,
})
