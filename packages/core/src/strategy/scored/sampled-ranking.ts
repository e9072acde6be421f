import { IndexedSet } from '../../collections/indexed-set.js'
import { ReplayableRandom } from '../sampling/replayable-random.js'
import type { Comparison, Entry, Scoring } from './scoring.js'

/** Sets of up to this size are compared in full. */
export const exactSize = 64

/** How many entries of a larger set are compared. */
export const sampleSize = 12

/** How many new entries each pick brings into the sample: the others are still in the processor's cache. */
const advanceBy = 2

interface Sample {
  readonly first: number
  readonly count: number
}

/**
 * Finds the best accepted entry. A small set is compared in full, a large one by a sample: neighbours in a random order,
 * a few positions further on after every pick. When no entry of the sample is accepted, the other samples follow in a
 * random order until every entry has been offered once.
 */
export class SampledRanking {
  readonly #random: ReplayableRandom
  readonly #writeCosts: Scoring['writeCosts']
  readonly #entries = new IndexedSet<Entry>()
  readonly #comparison: Comparison = { compared: [], costs: new Float64Array(exactSize), count: 0 }
  /** Position at which the sample begins. */
  #start = 0

  constructor(chance: () => number, writeCosts: Scoring['writeCosts']) {
    this.#random = new ReplayableRandom(chance)
    this.#writeCosts = writeCosts
  }

  /** Adds an entry at a random position: keys added in the order of their balance must not become neighbours. */
  add(entry: Entry): void {
    this.#entries.push(entry)
    this.#entries.swap(this.#random.below(this.#entries.length), this.#entries.length - 1)
  }

  has(entry: Entry): boolean {
    return this.#entries.has(entry)
  }

  remove(entry: Entry): void {
    this.#entries.remove(entry)
  }

  /** The best entry that is accepted. */
  find(accepts: (entry: Entry) => boolean, now: number): Entry | undefined {
    const size = this.#entries.length
    if (size <= exactSize) return this.#best({ first: 0, count: size }, accepts, now)
    const samples = Math.ceil(size / sampleSize)
    let step = 0
    for (let done = 0, sample = 0; done < samples; done++, sample = (sample + step) % samples) {
      const skipped = sample * sampleSize
      const count = Math.min(sampleSize, size - skipped)
      const best = this.#best({ first: this.#start + skipped, count }, accepts, now)
      if (best !== undefined) return best
      // With consecutive samples, the entry behind a stretch of refused ones would inherit their turns.
      step ||= coprimeFrom(1 + this.#random.below(samples - 1), samples)
    }
    return undefined
  }

  /** Moves the sample on. One of the entries left behind moves to a random position, so neighbours change over time. */
  advance(): void {
    const size = this.#entries.length
    if (size <= exactSize) return
    const start = this.#start % size
    this.#entries.swap(start, this.#random.below(size))
    this.#start = start + advanceBy
  }

  /** The best accepted entry of `count` neighbours. */
  #best({ first, count }: Sample, accepts: (entry: Entry) => boolean, now: number): Entry | undefined {
    const comparison = this.#comparison
    const { compared } = comparison
    const entries = this.#entries
    const size = entries.length
    let position = first % size
    for (let place = 0; place < count; place++) {
      compared[place] = entries.at(position)
      position = position + 1 === size ? 0 : position + 1
    }
    comparison.count = count
    this.#writeCosts(comparison, now)
    return firstAccepted(comparison, accepts)
  }

  /** Runs `run`, then rewinds, so that its random numbers are drawn again. */
  preview<T>(run: () => T): T {
    return this.#random.preview(run)
  }
}

/** Offers the compared entries in the order of their costs, the lowest first. */
function firstAccepted(comparison: Comparison, accepts: (entry: Entry) => boolean): Entry | undefined {
  const { compared, costs } = comparison
  for (let last = comparison.count - 1; last >= 0; last--) {
    const best = cheapest(compared, costs, last)
    const entry = compared[best] as Entry
    if (accepts(entry)) return entry
    compared[best] = compared[last] as Entry
    costs[best] = costs[last] as number
  }
  return undefined
}

function cheapest(compared: readonly Entry[], costs: Float64Array, last: number): number {
  let best = 0
  let lowest = costs[0] as number
  for (let place = 1; place <= last; place++) {
    const cost = costs[place] as number
    if (cost > lowest) continue
    if (cost === lowest && (compared[place] as Entry).lastTurn > (compared[best] as Entry).lastTurn) continue
    best = place
    lowest = cost
  }
  return best
}

/** The first number from `number` on that is coprime to `other`: its multiples reach every sample. */
function coprimeFrom(number: number, other: number): number {
  while (greatestDivisor(number, other) > 1) number++
  return number
}

const greatestDivisor = (one: number, other: number): number =>
  other === 0 ? one : greatestDivisor(other, one % other)
