import { Draws } from './draws.js'
import { type Placed, Row } from './row.js'
import type { Candidate } from './strategy.js'

interface Ball extends Placed {
  readonly candidate: Candidate
}

/** Candidates to draw from by chance, nobody twice. */
export class Urn {
  readonly #draws: Draws
  readonly #row = new Row<Ball>()
  readonly #balls = new WeakMap<Candidate, Ball>()
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
    return (this.#balls.get(candidate)?.position ?? -1) >= 0
  }

  add(candidate: Candidate): void {
    if (this.has(candidate)) return
    const ball = this.#balls.get(candidate) ?? { candidate, position: -1 }
    this.#balls.set(candidate, ball)
    this.#row.push(ball)
  }

  remove(candidate: Candidate): void {
    const ball = this.#balls.get(candidate)
    if (ball !== undefined && ball.position >= 0) this.#row.remove(ball)
  }

  /**
   * Draws from the first `left`, and puts whoever is drawn behind them: with `left` counting down from the size it is
   * a shuffle as far as needed.
   */
  draw(left: number): Candidate {
    const drawn = this.#draws.below(left)
    const { candidate } = this.#row.at(drawn)
    this.#row.swap(drawn, left - 1)
    this.#exchanged?.push(drawn, left - 1)
    return candidate
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
