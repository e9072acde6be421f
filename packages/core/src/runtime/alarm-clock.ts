import type { Runtime, Timer } from './runtime.js'

/** Node runs a timer at once when its delay does not fit 31 bits; a longer wait is made of several. */
const longestTimerMs = 2 ** 31 - 1
/** A clock that goes back by less than this is only being adjusted. */
const toleranceMs = 1_000

/**
 * One timer for the earliest of many instants, on a clock that is never set back: when the wall clock is, what was
 * left to wait is still what is left. It may ring too early (after a very long wait's first part, or because an
 * instant it was set for no longer matters), so its owner looks at the time and sets it again.
 */
export class AlarmClock {
  readonly #runtime: Runtime
  readonly #ring: () => void
  readonly #isAwaited: boolean
  #timer: Timer | undefined
  #timerAt = Number.POSITIVE_INFINITY
  /** The wall clock when it was last read. */
  #latest = Number.NEGATIVE_INFINITY
  /** By how much the wall clock was set back so far. */
  #lostMs = 0

  /** `isAwaited`: somebody waits for it to ring, so the process must live until then. */
  constructor(runtime: Runtime, ring: () => void, isAwaited = false) {
    this.#runtime = runtime
    this.#ring = ring
    this.#isAwaited = isAwaited
  }

  /** Now, on this clock; `wall` for whoever has just looked at the wall clock. */
  now(wall: number = this.#runtime.now()): number {
    if (wall < this.#latest - toleranceMs) this.#lostMs += this.#latest - wall
    this.#latest = wall
    return wall + this.#lostMs
  }

  /** An instant of the wall clock, as it is set at the last `now()`, on this clock. */
  instant(wallAt: number): number {
    return wallAt + this.#lostMs
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
    // Timers count on undisturbed, so it is at least this late, whatever the wall clock says.
    this.#latest = Math.max(this.#latest, this.#timerAt - this.#lostMs)
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
    this.#ring()
  }
}
