/** Random numbers with a preview: numbers drawn during a preview are drawn again afterwards, in the same order. */
export class ReplayableRandom {
  readonly #chance: () => number
  readonly #kept: number[] = []
  /** How many of `#kept` are valid. The array keeps its length, because refilling an emptied one allocates. */
  #count = 0
  /** How many of the kept numbers the current pick or preview has used. */
  #used = 0
  #isPreview = false

  /** `chance` returns numbers in [0, 1). */
  constructor(chance: () => number) {
    this.#chance = chance
  }

  /** A random whole number from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.#next() * limit)
  }

  /** Whether the next number is a new one, not one drawn before. */
  get isFresh(): boolean {
    return this.#used === this.#count
  }

  /** Fills `drawn` with new numbers and keeps them for the draws that follow the numbers kept before. */
  keep(drawn: Float64Array): void {
    for (let at = 0; at < drawn.length; at++) drawn[at] = this.#keep(this.#chance())
  }

  /** Runs `run`, then rewinds, so that its numbers are drawn again. */
  preview<T>(run: () => T): T {
    const used = this.#used
    this.#isPreview = true
    try {
      return run()
    } finally {
      this.#isPreview = false
      this.#used = used
    }
  }

  #next(): number {
    if (this.isFresh) {
      const drawn = this.#chance()
      if (!this.#isPreview) return drawn
      this.#used++
      return this.#keep(drawn)
    }
    const drawn = this.#kept[this.#used++] as number
    if (this.isFresh && !this.#isPreview) {
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
