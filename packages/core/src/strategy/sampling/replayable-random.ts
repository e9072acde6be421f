/** Chance that can be looked at in advance: what was drawn ahead is drawn again, in the same order, when it counts. */
export class ReplayableRandom {
  readonly #chance: () => number
  readonly #kept: number[] = []
  /** How many of them count; those behind are old. An array that is emptied would have to be made again. */
  #count = 0
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

  /** Whether the next number comes by chance, and is not one that was drawn before. */
  get isFresh(): boolean {
    return this.#used === this.#count
  }

  /** Draws as many as `drawn` has room for. They will be drawn again, and next where the next one is fresh. */
  keep(drawn: Float64Array): void {
    for (let at = 0; at < drawn.length; at++) drawn[at] = this.#keep(this.#chance())
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
    if (this.isFresh) {
      const drawn = this.#chance()
      if (!this.#isAhead) return drawn
      this.#used++
      return this.#keep(drawn)
    }
    const drawn = this.#kept[this.#used++] as number
    if (this.isFresh && !this.#isAhead) {
      this.#count = 0
      this.#used = 0
    }
    return drawn
  }

  #keep(drawn: number): number {
    this.#kept[this.#count++] = drawn
    return drawn
  }
}
