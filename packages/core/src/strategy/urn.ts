import { Draws } from './draws.js'
import { Row } from './row.js'
import type { Candidate } from './strategy.js'

/**
 * Candidates to draw from by chance, nobody twice: with `left` counting down from the size, to draw a place and to set
 * it aside is a shuffle as far as needed. Who is accepted need not be set aside, and mostly the first one is.
 */
export class Urn {
  readonly #draws: Draws
  readonly #row = new Row<Candidate>()
  /** Places that were exchanged while looking ahead, pair by pair; null while draws count. */
  #exchanged: number[] | null = null

  /** `chance` answers numbers in [0, 1). */
  constructor(chance: () => number) {
    this.#draws = new Draws(chance)
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
    return this.#draws.below(left)
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
}
