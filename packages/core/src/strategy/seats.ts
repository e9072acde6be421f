import type { Candidate } from './strategy.js'

/** Numbers for candidates, small and given out again, so that what is kept of each can stand in arrays. */
export class Seats {
  readonly #numbers = new Map<Candidate, number>()
  readonly #candidates: (Candidate | undefined)[] = []
  readonly #free: number[] = []

  get size(): number {
    return this.#numbers.size
  }

  /** The candidate's number; undefined while it has none. */
  of(candidate: Candidate): number | undefined {
    return this.#numbers.get(candidate)
  }

  /** Whose number it is. */
  at(seat: number): Candidate {
    return this.#candidates[seat] as Candidate
  }

  /** Gives a number to a candidate that has none. */
  take(candidate: Candidate): number {
    const seat = this.#free.pop() ?? this.#candidates.length
    this.#numbers.set(candidate, seat)
    this.#candidates[seat] = candidate
    return seat
  }

  /** Takes the number back, and tells which it was. */
  leave(candidate: Candidate): number | undefined {
    const seat = this.#numbers.get(candidate)
    if (seat === undefined) return undefined
    this.#numbers.delete(candidate)
    this.#candidates[seat] = undefined
    this.#free.push(seat)
    return seat
  }
}

/** The same numbers with room for at least so many: what fits twice as many as before moves rarely. */
export function grown<Numbers extends Float64Array | Int32Array>(numbers: Numbers, size: number): Numbers {
  if (size <= numbers.length) return numbers
  const length = Math.max(16, size, 2 * numbers.length)
  const larger = numbers instanceof Float64Array ? new Float64Array(length) : new Int32Array(length)
  larger.set(numbers)
  return larger as Numbers
}
