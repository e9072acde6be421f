import type { Candidate } from './strategy.js'

/**
 * The attempts running on all seated candidates together, without a walk past them: the sum of what was last seen of
 * each. Attempts that others began or ended unseen are noticed when the candidate is next looked at.
 */
export class Loads {
  readonly #seen = new Map<Candidate, number>()
  #total = 0

  /** Running on each, on average, with one more attempt than now. */
  get nextMean(): number {
    return (this.#total + 1) / this.#seen.size
  }

  add(candidate: Candidate): void {
    if (this.#seen.has(candidate)) return
    this.#seen.set(candidate, 0)
    this.see(candidate, candidate.inFlight)
  }

  remove(candidate: Candidate): void {
    this.see(candidate, 0)
    this.#seen.delete(candidate)
  }

  /** Notes how many attempts run on a candidate, unless it has left. */
  see(candidate: Candidate, inFlight: number): void {
    const seen = this.#seen.get(candidate)
    if (seen === undefined) return
    this.#total += inFlight - seen
    this.#seen.set(candidate, inFlight)
  }
}
