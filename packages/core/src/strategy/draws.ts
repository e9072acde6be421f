/** Chance that can be looked at in advance: what was drawn ahead is drawn again, in the same order, when it counts. */
export class Draws {
  readonly #chance: () => number
  readonly #kept: number[] = []
  /** How many of those kept have been used up, by the pick or by the look ahead that is under way. */
  #used = 0
  #isAhead = false

  /** `chance` answers numbers in [0, 1). */
  constructor(chance: () => number) {
    this.#chance = chance
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.#next() * limit)
  }

  /** Whatever `look` draws is drawn again afterwards. */
  ahead<T>(look: () => T): T {
    const used = this.#used
    this.#isAhead = true
    try {
      return look()
    } finally {
      this.#isAhead = false
      this.#used = used
    }
  }

  #next(): number {
    const kept = this.#kept[this.#used]
    if (kept === undefined) {
      const drawn = this.#chance()
      if (this.#isAhead) this.#used = this.#kept.push(drawn)
      return drawn
    }
    this.#used++
    if (this.#used === this.#kept.length && !this.#isAhead) {
      this.#kept.length = 0
      this.#used = 0
    }
    return kept
  }
}
