import type { Candidate } from './strategy.js'

/** How long a run may grow: to insert moves no more than this. */
const longestRun = 512

/**
 * Candidates by their place in the pool, cut into runs: found by halving, inserted and removed by moving a bounded
 * number of neighbours, and walked from the oldest on without any change.
 */
export class OrderedRuns {
  readonly #runs: Candidate[][] = []

  add(candidate: Candidate): void {
    const at = this.#runFor(candidate)
    const run = this.#runs[at]
    if (run === undefined) {
      this.#runs.push([candidate])
      return
    }
    const place = firstFrom(run, (other) => other.order >= candidate.order)
    if (run[place] === candidate) return
    run.splice(place, 0, candidate)
    if (run.length > longestRun) this.#runs.splice(at + 1, 0, run.splice(longestRun >> 1))
  }

  remove(candidate: Candidate): void {
    const at = this.#runFor(candidate)
    const run = this.#runs[at]
    if (run === undefined) return
    const place = firstFrom(run, (other) => other.order >= candidate.order)
    if (run[place] !== candidate) return
    run.splice(place, 1)
    if (run.length === 0) this.#runs.splice(at, 1)
  }

  /** The oldest one that is accepted. */
  find(accepts: (candidate: Candidate) => boolean): Candidate | undefined {
    for (const run of this.#runs) for (const candidate of run) if (accepts(candidate)) return candidate
    return undefined
  }

  /** Where the run is that has or would have the candidate: the last one that begins no later. */
  #runFor({ order }: Candidate): number {
    const next = firstFrom(this.#runs, ([first]) => first !== undefined && first.order > order)
    return Math.max(0, next - 1)
  }
}

/** The place of the first item for which it is true, given that it is true of all that follow. */
function firstFrom<T>(items: readonly T[], isTrue: (item: T) => boolean): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isTrue(items[middle] as T)) high = middle
    else low = middle + 1
  }
  return low
}
