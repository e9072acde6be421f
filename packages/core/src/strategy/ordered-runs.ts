import type { Candidate } from './strategy.js'

/** Maximum length of a run: an insertion moves no more items than this. */
const longestRun = 512

/**
 * Candidates sorted by their place in the pool and cut into runs. A binary search finds a candidate, and an insertion or
 * removal moves a bounded number of neighbours.
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

  /** The oldest candidate that is accepted. */
  find(accepts: (candidate: Candidate) => boolean): Candidate | undefined {
    for (const run of this.#runs) for (const candidate of run) if (accepts(candidate)) return candidate
    return undefined
  }

  /** Index of the run for a candidate: the last run that begins no later than the candidate. */
  #runFor({ order }: Candidate): number {
    const next = firstFrom(this.#runs, ([first]) => first !== undefined && first.order > order)
    return Math.max(0, next - 1)
  }
}

/** Index of the first item for which `isTrue` holds, given that it holds for all items after it. */
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
