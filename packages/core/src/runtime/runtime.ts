/** A running timer, opaque to its owner. */
export type Timer = unknown

/**
 * Where the pool takes time and chance from. Nothing in the core reads the clock, draws a random number or
 * starts a timer except through this, so a test can run a day in a second and repeat every draw.
 */
export interface Runtime {
  /** The wall clock, in milliseconds since the Unix epoch: for instants that are stored or shown. It may be set back. */
  readonly now: () => number
  /**
   * A clock that is never set, in milliseconds since some beginning: for durations and due times.
   * @default the system's; where only `now` is given, that clock, on which time never goes back
   */
  readonly monotonic: () => number
  /** A number in [0, 1). */
  readonly random: () => number
  /** `isAwaited`: a caller waits for what it will do, so the process must live until then. @default false */
  readonly setTimer: (run: () => void, delayMs: number, isAwaited?: boolean) => Timer
  readonly clearTimer: (timer: Timer) => void
}

/** The real clock and chance. Only timers that a caller waits for keep the process alive. */
export const systemRuntime: Runtime = {
  now: () => Date.now(),
  // Whole numbers: figures of a log line need no more, and V8 makes no object of them.
  monotonic: () => Math.floor(performance.now()),
  random: () => Math.random(),
  setTimer: (run, delayMs, isAwaited = false) => {
    // Node cuts off fractions, and would be early.
    const timer = setTimeout(run, Math.ceil(delayMs))
    if (!isAwaited) timer.unref()
    return timer
  },
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

/** The sources of time and chance that were given, completed by the system's. */
export function completedRuntime(given: Partial<Runtime> = {}): Runtime {
  const { now = systemRuntime.now, random, setTimer, clearTimer } = given
  return {
    now,
    monotonic: given.monotonic ?? (given.now === undefined ? systemRuntime.monotonic : neverBack(now)),
    random: random ?? systemRuntime.random,
    setTimer: setTimer ?? systemRuntime.setTimer,
    clearTimer: clearTimer ?? systemRuntime.clearTimer,
  }
}

/** The clock as if it had never been set back. */
function neverBack(now: () => number): () => number {
  let latest = Number.NEGATIVE_INFINITY
  let lostMs = 0
  return () => {
    const wall = now()
    if (wall + lostMs < latest) lostMs = latest - wall
    latest = wall + lostMs
    return latest
  }
}
