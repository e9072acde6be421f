/** A running timer, opaque to its owner. */
export type Timer = unknown

/**
 * Where the pool takes time and chance from. Nothing in the core reads the clock, draws a random number or
 * starts a timer except through this, so a test can run a day in a second and repeat every draw.
 */
export interface Runtime {
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number
  /** A number in [0, 1). */
  readonly random: () => number
  readonly setTimer: (run: () => void, delayMs: number) => Timer
  readonly clearTimer: (timer: Timer) => void
}

/** The real clock and chance. Its timers never keep a process alive on their own. */
export const systemRuntime: Runtime = {
  now: () => Date.now(),
  random: () => Math.random(),
  setTimer: (run, delayMs) => {
    const timer = setTimeout(run, delayMs)
    timer.unref()
    return timer
  },
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
}
