/** The time to the next trial after the first one that failed, and the longest. */
const firstWaitMs = 1_000
const longestWaitMs = 600_000

/** Trials double their number and their steps up to here: a thousandfold step ends any limit. */
const mostDoublings = 10

/**
 * Whether requests for one model may go beyond a learned limit when no account is free. One goes first; served, the next
 * two may, then four. The first refusal ends the series and doubles the time to the next one. So limits that are wrong
 * everywhere are outgrown within a few round trips, and true ones are tried ever more rarely.
 */
export class PoolGrowth {
  /** Trials of this series that were served. */
  #served = 0
  #running = 0
  #waitMs = firstWaitMs
  #opensAt = Number.NEGATIVE_INFINITY

  /** By how much more than usual a limit grows for the next trial. */
  get factor(): number {
    return 2 ** Math.min(this.#served, mostDoublings)
  }

  isOpen(now: number): boolean {
    return this.opensAt(now) <= now
  }

  /** When the next trial may begin; Infinity while that depends on the end of those that run. */
  opensAt(now: number): number {
    if (this.#running >= this.factor) return Number.POSITIVE_INFINITY
    // A clock that was set back must not keep trials away for longer than the longest time.
    return Math.min(this.#opensAt, now + longestWaitMs)
  }

  begin(): void {
    this.#running++
  }

  served(): void {
    this.#running--
    this.#served++
    this.#waitMs = Math.max(firstWaitMs, this.#waitMs / 2)
  }

  refused(now: number): void {
    this.#running--
    this.#served = 0
    this.#opensAt = now + this.#waitMs
    this.#waitMs = Math.min(2 * this.#waitMs, longestWaitMs)
  }

  /** Neither served nor refused for its limit. */
  ended(): void {
    this.#running--
  }
}
