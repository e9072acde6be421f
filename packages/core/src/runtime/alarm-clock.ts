import type { Runtime, Timer } from './runtime.js'

/** Node runs a timer at once when its delay does not fit 31 bits; a longer wait is made of several. */
const longestTimerMs = 2 ** 31 - 1

/**
 * One timer for the earliest of many instants of the monotonic clock. It may ring too early (after a very long wait's
 * first part, or because an instant it was set for no longer matters), so its owner looks at the time and sets it
 * again.
 */
export class AlarmClock {
  readonly #runtime: Runtime
  readonly #ring: () => void
  readonly #isAwaited: boolean
  #timer: Timer | undefined
  #timerAt = Number.POSITIVE_INFINITY

  /** `isAwaited`: a caller waits for it to ring, so the process must live until then. */
  constructor(runtime: Runtime, ring: () => void, isAwaited = false) {
    this.#runtime = runtime
    this.#ring = ring
    this.#isAwaited = isAwaited
  }

  now(): number {
    return this.#runtime.monotonic()
  }

  /** An instant of the wall clock on this clock, as the two stand to each other now. */
  instant(wallAt: number): number {
    return this.#runtime.monotonic() + (wallAt - this.#runtime.now())
  }

  /** Rings at that instant of this clock, unless it is set for an earlier one already. Never rings for Infinity. */
  set(at: number): void {
    if (!(at < this.#timerAt)) return
    this.clear()
    const now = this.now()
    const delayMs = Math.min(Math.max(at - now, 0), longestTimerMs)
    this.#timerAt = now + delayMs
    this.#timer = this.#runtime.setTimer(this.#onTimer, delayMs, this.#isAwaited)
  }

  clear(): void {
    if (this.#timer !== undefined) this.#runtime.clearTimer(this.#timer)
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
    this.#ring()
  }
}
