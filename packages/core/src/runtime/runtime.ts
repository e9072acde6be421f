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
  /** `isAwaited`: somebody waits for what it will do, so the process must live until then. @default false */
  readonly setTimer: (run: () => void, delayMs: number, isAwaited?: boolean) => Timer
  readonly clearTimer: (timer: Timer) => void
}

/** The real clock and chance. Only timers that somebody waits for keep the process alive. */
export const systemRuntime: Runtime = {
  now: () => Date.now(),
  random: () => Math.random(),
  setTimer: (run, delayMs, isAwaited = false) => {
    const timer = setTimeout(run, delayMs)
    if (!isAwaited) timer.unref()
    return timer
  },
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
}
