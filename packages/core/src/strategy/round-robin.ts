import type { Candidate, Strategy } from './strategy.js'

interface Seat {
  readonly candidate: Candidate
  next: Seat
  previous: Seat
}

/**
 * Everyone once, then everyone again. The seats form a ring, so a list that changes moves nobody's turn: a newcomer
 * sits down at the end of the running round, and when the key whose turn it is leaves, the turn passes on.
 */
export function roundRobin(): Strategy {
  const seats = new Map<Candidate, Seat>()
  let turn: Seat | undefined

  return {
    add(candidate) {
      if (seats.has(candidate)) return
      const seat = { candidate } as Seat
      const next = turn ?? seat
      const previous = turn?.previous ?? seat
      seat.next = next
      seat.previous = previous
      previous.next = seat
      next.previous = seat
      seats.set(candidate, seat)
      turn ??= seat
    },
    remove(candidate) {
      const seat = seats.get(candidate)
      if (seat === undefined) return
      seats.delete(candidate)
      seat.previous.next = seat.next
      seat.next.previous = seat.previous
      if (turn === seat) turn = seats.size === 0 ? undefined : seat.next
    },
    pick(accepts) {
      for (let offered = 0; offered < seats.size && turn !== undefined; offered++) {
        const { candidate } = turn
        turn = turn.next
        if (accepts(candidate)) return candidate
      }
      return undefined
    },
    peek(accepts) {
      let seat = turn
      for (let offered = 0; offered < seats.size && seat !== undefined; offered++, seat = seat.next) {
        if (accepts(seat.candidate)) return seat.candidate
      }
      return undefined
    },
  }
}
