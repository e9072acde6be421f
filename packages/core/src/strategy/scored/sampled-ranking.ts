import { IndexedSet } from '../../collections/indexed-set.js'
import { ReplayableRandom } from '../sampling/replayable-random.js'
import type { Comparison, Scoring, Seat } from './scoring.js'

/** Fields of up to this size are compared whole. */
export const exactSize = 64

/** How many are compared of a larger field. */
export const sampleSize = 12

/** How many newcomers each pick brings into the sample: those compared before are still at hand in the processor's cache. */
const slideBy = 2

interface Sample {
  readonly first: number
  readonly count: number
}

/**
 * Those who compete for a turn. A small field is compared whole, and of a large one a sample: neighbours in a row whose
 * order is chance, a few places further on after every pick. When none of the sample is accepted, the next samples
 * follow in a random order until everyone has been offered once.
 */
export class SampledRanking {
  readonly #draws: ReplayableRandom
  readonly #judge: Scoring['judge']
  readonly #row = new IndexedSet<Seat>()
  readonly #comparison: Comparison = { compared: [], costs: new Float64Array(exactSize), count: 0 }
  /** Where the sample begins. */
  #start = 0

  constructor(chance: () => number, judge: Scoring['judge']) {
    this.#draws = new ReplayableRandom(chance)
    this.#judge = judge
  }

  /** Seats it anywhere: keys that come in order of their balance, say, must not sit together. */
  add(seat: Seat): void {
    this.#row.push(seat)
    this.#row.swap(this.#draws.below(this.#row.length), this.#row.length - 1)
  }

  has(seat: Seat): boolean {
    return this.#row.has(seat)
  }

  remove(seat: Seat): void {
    this.#row.remove(seat)
  }

  /** The best one that is accepted. */
  find(accepts: (seat: Seat) => boolean, now: number): Seat | undefined {
    const size = this.#row.length
    if (size <= exactSize) return this.#best({ first: 0, count: size }, accepts, now)
    const samples = Math.ceil(size / sampleSize)
    let stride = 0
    for (let done = 0, sample = 0; done < samples; done++, sample = (sample + stride) % samples) {
      const skipped = sample * sampleSize
      const count = Math.min(sampleSize, size - skipped)
      const best = this.#best({ first: this.#start + skipped, count }, accepts, now)
      if (best !== undefined) return best
      // One after the other, whoever stands behind a stretch of refused ones would inherit their turns.
      stride ||= coprimeFrom(1 + this.#draws.below(samples - 1), samples)
    }
    return undefined
  }

  /** Moves the sample on. One of those left behind changes places with anyone, so that nobody keeps its neighbours. */
  slide(): void {
    const size = this.#row.length
    if (size <= exactSize) return
    const start = this.#start % size
    this.#row.swap(start, this.#draws.below(size))
    this.#start = start + slideBy
  }

  /** The best accepted of `count` neighbours. */
  #best({ first, count }: Sample, accepts: (seat: Seat) => boolean, now: number): Seat | undefined {
    const comparison = this.#comparison
    const { compared } = comparison
    const row = this.#row
    const size = row.length
    let position = first % size
    for (let place = 0; place < count; place++) {
      compared[place] = row.at(position)
      position = position + 1 === size ? 0 : position + 1
    }
    comparison.count = count
    this.#judge(comparison, now)
    return firstAccepted(comparison, accepts)
  }

  /** Whatever `look` draws is drawn again afterwards. */
  ahead<T>(look: () => T): T {
    return this.#draws.ahead(look)
  }
}

/** Offers those compared from the cheapest to the dearest. */
function firstAccepted(comparison: Comparison, accepts: (seat: Seat) => boolean): Seat | undefined {
  const { compared, costs } = comparison
  for (let last = comparison.count - 1; last >= 0; last--) {
    const best = cheapest(compared, costs, last)
    const seat = compared[best] as Seat
    if (accepts(seat)) return seat
    compared[best] = compared[last] as Seat
    costs[best] = costs[last] as number
  }
  return undefined
}

function cheapest(compared: readonly Seat[], costs: Float64Array, last: number): number {
  let best = 0
  let lowest = costs[0] as number
  for (let place = 1; place <= last; place++) {
    const cost = costs[place] as number
    if (cost > lowest) continue
    if (cost === lowest && (compared[place] as Seat).turn > (compared[best] as Seat).turn) continue
    best = place
    lowest = cost
  }
  return best
}

/** The first number from there on that shares no divisor with the other: its multiples come past everyone. */
function coprimeFrom(number: number, other: number): number {
  while (greatestDivisor(number, other) > 1) number++
  return number
}

const greatestDivisor = (one: number, other: number): number =>
  other === 0 ? one : greatestDivisor(other, one % other)
