import type { Runtime } from '@sfpool/core'

/** Something that a client must keep going: a body that arrives, or an answer that is taken. */
export interface Watched {
  /** A figure that changes as it goes on; null when nothing is waited for. */
  movement(): number | null
  /** Runs when it has not gone on for the time allowed. */
  onStall(): void
  /** Kept by the watch: the figure as it was last seen to change, and when. */
  seenMovement: number
  seenAt: number
}

/** How often a stall is looked for within the time that is allowed. */
const looks = 4

/**
 * Finds out who has stalled. One timer looks at all that are watched, so that watching costs a request next to nothing;
 * it runs only while there are any. A stall is found at most a quarter of the allowed time late.
 */
export class StallWatch {
  readonly timeoutMs: number
  readonly #runtime: Pick<Runtime, 'monotonic' | 'setTimer'>
  readonly #watched = new Set<Watched>()
  #isRunning = false

  /** `timeoutMs` 0: nothing is watched. */
  constructor(timeoutMs: number, runtime: Pick<Runtime, 'monotonic' | 'setTimer'>) {
    this.timeoutMs = timeoutMs
    this.#runtime = runtime
  }

  /** How many are watched now. */
  get size(): number {
    return this.#watched.size
  }

  add(watched: Watched): void {
    if (this.timeoutMs === 0) return
    // No figure equals it, so the first look begins the time: adding reads no clock.
    watched.seenMovement = Number.NaN
    this.#watched.add(watched)
    if (!this.#isRunning) this.#arm()
  }

  remove(watched: Watched): void {
    this.#watched.delete(watched)
  }

  #arm(): void {
    this.#isRunning = true
    this.#runtime.setTimer(this.#look, this.timeoutMs / looks)
  }

  readonly #look = (): void => {
    this.#isRunning = false
    const now = this.#runtime.monotonic()
    for (const watched of this.#watched) {
      const movement = watched.movement()
      if (movement === null) this.#watched.delete(watched)
      else if (movement !== watched.seenMovement) {
        watched.seenMovement = movement
        watched.seenAt = now
      } else if (now - watched.seenAt >= this.timeoutMs) {
        this.#watched.delete(watched)
        watched.onStall()
      }
    }
    if (this.#watched.size > 0 && !this.#isRunning) this.#arm()
  }
}
