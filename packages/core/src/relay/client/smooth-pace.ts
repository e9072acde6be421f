/**
 * A gap longer than this many usual ones is a pause, which says little of what follows it; only several of them say
 * that the pace has changed.
 */
const pauseFactor = 2
/** No gap is a pause that is not longer than this, in milliseconds. */
const shortestPauseMs = 10

/**
 * How fast text is to go on so that what waits is through when more of it comes: measured from when it came, so that a
 * fast model is shown fast and a slow one slowly.
 */
export class SmoothPace {
  readonly #factor: number
  readonly #longestMs: number
  #lastAt: number | null = null
  /** The usual time between two arrivals, and how far from it they usually are; null before the second. */
  #gapMs: number | null = null
  #deviationMs = 0

  /** `factor`: how much the newest measurement counts. `longestMs`: no gap is taken for longer. */
  constructor(factor: number, longestMs: number) {
    this.#factor = factor
    this.#longestMs = longestMs
  }

  arrived(now: number): void {
    if (this.#lastAt !== null) this.#measure(Math.min(Math.max(now - this.#lastAt, 0), this.#longestMs))
    this.#lastAt = now
  }

  /** From one character to the next when so many wait, in milliseconds; 0 while nothing is known. */
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
