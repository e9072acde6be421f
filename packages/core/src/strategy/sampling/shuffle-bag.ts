import { IndexedSet } from '../../collections/indexed-set.js'
import type { Candidate } from '../strategy.js'
import { ReplayableRandom } from './replayable-random.js'

/** From this size on, whoever is drawn is hardly ever at hand in the processor's cache. */
const farSize = 4_096

/** How many draws are looked ahead then. */
const glances = 16

/**
 * Candidates to draw from by chance, nobody twice: with `left` counting down from the size, to draw a place and to set
 * it aside is a shuffle as far as needed. Who is accepted need not be set aside, and mostly the first one is.
 */
export class ShuffleBag {
  readonly #draws: ReplayableRandom
  readonly #row = new IndexedSet<Candidate>()
  /** What will be drawn next, and what was seen of those who are: nobody needs that, see `#glance`. */
  readonly #drawn = new Float64Array(glances)
  readonly #seen = new Int32Array(glances)
  /** Places that were exchanged while looking ahead, pair by pair; null while draws count. */
  #exchanged: number[] | null = null

  /** `chance` answers numbers in [0, 1). */
  constructor(chance: () => number) {
    this.#draws = new ReplayableRandom(chance)
  }

  get size(): number {
    return this.#row.length
  }

  has(candidate: Candidate): boolean {
    return this.#row.has(candidate)
  }

  add(candidate: Candidate): void {
    this.#row.push(candidate)
  }

  remove(candidate: Candidate): void {
    this.#row.remove(candidate)
  }

  /** One of the first `left` places. */
  draw(left: number): number {
    const { size } = this
    // Those drawn ahead are found as long as few were set aside.
    if (size < farSize || left < size / 2) return this.#draws.below(left)
    if (this.#draws.isFresh) this.#glance(size)
    const place = this.#draws.below(size)
    return place < left ? place : this.#draws.below(left)
  }

  at(place: number): Candidate {
    return this.#row.at(place)
  }

  /** Puts whoever was drawn from the first `left` behind them. */
  setAside(place: number, left: number): void {
    this.#row.swap(place, left - 1)
    this.#exchanged?.push(place, left - 1)
  }

  /** Whatever `look` draws is put back, and drawn again in the same order afterwards. */
  ahead<T>(look: () => T): T {
    const exchanged: number[] = []
    this.#exchanged = exchanged
    try {
      return this.#draws.ahead(look)
    } finally {
      this.#exchanged = null
      for (let last = exchanged.length - 1; last > 0; last -= 2)
        this.#row.swap(exchanged[last] ?? 0, exchanged[last - 1] ?? 0)
    }
  }

  /**
   * Looks at all who are drawn next, one right after the other: the processor fetches them at the same time, where a
   * pick by itself would wait for each.
   */
  #glance(size: number): void {
    const drawn = this.#drawn
    this.#draws.keep(drawn)
    for (let at = 0; at < glances; at++) {
      // The one is the candidate's own, the other its account's.
      const { inFlight, balance } = this.#row.at(Math.floor((drawn[at] as number) * size))
      this.#seen[at] = balance === null ? inFlight : inFlight + 1
    }
  }
}
