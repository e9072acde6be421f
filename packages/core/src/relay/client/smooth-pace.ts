/**
 * A gap longer than this many usual ones is a pause. One pause does not change the pace, only several do.
 */
const pauseFactor = 2
/** The shortest pause, in milliseconds. */
const shortestPauseMs = 10

/**
 * Measures how fast text arrives and sets the pace at which it goes on, so that the waiting text is sent when more of
 * it comes: a fast model is shown fast, and a slow one slowly.
 */
export class SmoothPace {
  readonly #factor: number
  readonly #longestMs: number
  #lastAt: number | null = null
  /** The usual time between two arrivals; null before the second arrival. */
  #gapMs: number | null = null
  /** The usual difference from that time. */
  #deviationMs = 0

  /** `factor` is the weight of the newest measurement; `longestMs` is the longest gap that is measured. */
  constructor(factor: number, longestMs: number) {
    this.#factor = factor
    this.#longestMs = longestMs
  }

  arrived(now: number): void {
    if (this.#lastAt !== null) this.#measure(Math.min(Math.max(now - this.#lastAt, 0), this.#longestMs))
    this.#lastAt = now
  }

  /** The time from one character to the next while `count` of them wait, in milliseconds; 0 before two arrivals. */
  intervalFor(count: number): number {
    if (this.#gapMs === null) return 0
    return Math.min(this.#gapMs + this.#deviationMs, this.#longestMs) / Math.max(count, 1)
  }

  #measure(measuredMs: number): void {
    const usual = this.#gapMs ?? measuredMs
    const gapMs = Math.min(measuredMs, shortestPauseMs + pauseFactor * (usual + this.#deviationMs))
    this.#deviationMs += this.#factor * (Math.abs(gapMs - usual) - this.#deviationMs)
    this.#gapMs = usual + this.#factor * (gapMs - usual)
  }
}
