import type { Candidate } from './strategy.js'

/**
 * The total of attempts running on all candidates, kept without iterating over them: the sum of the last seen counts.
 * Attempts that other rules began or ended are noticed when the candidate is next seen.
 */
export class Loads {
  readonly #seen = new Map<Candidate, number>()
  #total = 0

  /** The mean of attempts running on a candidate, with one more attempt than now. */
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

  /** Records how many attempts run on a candidate, unless it was removed. */
  see(candidate: Candidate, inFlight: number): void {
    const seen = this.#seen.get(candidate)
    if (seen === undefined) return
    this.#total += inFlight - seen
    this.#seen.set(candidate, inFlight)
  }
}
