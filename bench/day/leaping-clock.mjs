// @ts-check
import { seededRandom } from '@sfpool/simulator'

/**
 * A clock that leaps: timers that came due in between run once, at its end. So a year takes minutes, while a pool looks at
 * its store once a leap and not every second. `runtime` is the runtime for a pool.
 */
export class LeapingClock {
  #now
  /** @type {Set<{ dueAt: number, run: () => void }>} */
  #timers = new Set()

  /** @param {{ startAt: number, seed: number }} options */
  constructor({ startAt, seed }) {
    this.#now = startAt
    this.random = seededRandom(seed)
    this.runtime = {
      now: () => this.#now,
      random: this.random,
      setTimer: (/** @type {() => void} */ run, /** @type {number} */ delayMs) => {
        const timer = { dueAt: this.#now + delayMs, run }
        this.#timers.add(timer)
        return timer
      },
      clearTimer: (/** @type {any} */ timer) => void this.#timers.delete(timer),
    }
  }

  /** @param {number} instant */
  async leapTo(instant) {
    this.#now = instant
    for (const timer of [...this.#timers].filter(({ dueAt }) => dueAt <= instant)) {
      if (this.#timers.delete(timer)) timer.run()
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}
