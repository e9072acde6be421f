import { IndexedSet } from '../../collections/indexed-set.js'
import type { Candidate } from '../strategy.js'
import { ReplayableRandom } from './replayable-random.js'

/** From this size on, the next candidate is hardly ever in the processor's cache. */
const prefetchFrom = 4_096

/** How many candidates are prefetched at a time. */
const prefetchCount = 16

/**
 * Draws random candidates without repetition. The caller counts `left` down from the size, draws a place and sets it
 * aside: a shuffle that stops as soon as a candidate is accepted, mostly at the first.
 */
export class ShuffleBag {
  readonly #random: ReplayableRandom
  readonly #candidates = new IndexedSet<Candidate>()
  /** The random numbers of the next draws, and the figures read by `#prefetch`, which have no other use. */
  readonly #upcoming = new Float64Array(prefetchCount)
  readonly #prefetched = new Int32Array(prefetchCount)
  /** Places swapped during a preview, pair by pair; null outside of one. */
  #swaps: number[] | null = null

  /** `chance` returns numbers in [0, 1). */
  constructor(chance: () => number) {
    this.#random = new ReplayableRandom(chance)
  }

  get size(): number {
    return this.#candidates.length
  }

  has(candidate: Candidate): boolean {
    return this.#candidates.has(candidate)
  }

  add(candidate: Candidate): void {
    this.#candidates.push(candidate)
  }

  remove(candidate: Candidate): void {
    this.#candidates.remove(candidate)
  }

  /** A random one of the first `left` places. */
  draw(left: number): number {
    const { size } = this
    // A prefetched place is of use only while few places are set aside.
    if (size < prefetchFrom || left < size / 2) return this.#random.below(left)
    if (this.#random.isFresh) this.#prefetch(size)
    const place = this.#random.below(size)
    return place < left ? place : this.#random.below(left)
  }

  at(place: number): Candidate {
    return this.#candidates.at(place)
  }

  /** Moves the candidate at `place` behind the first `left - 1` places. */
  setAside(place: number, left: number): void {
    this.#candidates.swap(place, left - 1)
    this.#swaps?.push(place, left - 1)
  }

  /** Runs `run`, then undoes its draws: the same candidates come again in the same order. */
  preview<T>(run: () => T): T {
    const swaps: number[] = []
    this.#swaps = swaps
    try {
      return this.#random.preview(run)
    } finally {
      this.#swaps = null
      for (let last = swaps.length - 1; last > 0; last -= 2)
        this.#candidates.swap(swaps[last] ?? 0, swaps[last - 1] ?? 0)
    }
  }

  /**
   * Reads the candidates of the next draws in one loop: the processor then loads them in parallel, where each pick would
   * wait for its own. A read that waits costs 140 ns, one whose address is known in advance 15 ns; the bench is `pick`, the
   * figures are those of docs/decisions/0010-rows-of-numbers.md.
   */
  #prefetch(size: number): void {
    const drawn = this.#upcoming
    this.#random.keep(drawn)
    for (let at = 0; at < prefetchCount; at++) {
      // `inFlight` is stored with the candidate, `balance` with its account.
      const { inFlight, balance } = this.#candidates.at(Math.floor((drawn[at] as number) * size))
      this.#prefetched[at] = balance === null ? inFlight : inFlight + 1
    }
  }
}
