import type { Runtime } from '../runtime/runtime.js'

/** Time that stands still until moved, and chance that repeats itself. */
export interface FakeRuntime extends Runtime {
  /** Moves time on and runs the timers that come due, each at its own instant, in order. */
  advance(ms: number): void
  /** The same, but promises get their turn before and after each timer. */
  advanceAsync(ms: number): Promise<void>
  /** Time goes on while the process is too busy to run a timer. */
  stall(ms: number): void
  /** Sets the wall clock forth or back, as a time server does: timers count on undisturbed. */
  shiftClock(ms: number): void
  /** Timers that have not run yet. */
  readonly timerCount: number
}

export interface FakeRuntimeOptions {
  /** Where the clock starts, in milliseconds since the Unix epoch. @default 2026-09-01T04:00:10Z, noon in Beijing */
  readonly startAt?: number
  /** @default 1 */
  readonly seed?: number
}

interface Alarm {
  readonly dueMs: number
  readonly run: () => void
}

const monotonicStart = 5_000
const defaultStart = Date.UTC(2026, 8, 1, 4, 0, 10)

export function fakeRuntime({ startAt = defaultStart, seed = 1 }: FakeRuntimeOptions = {}): FakeRuntime {
  const alarms = new Set<Alarm>()
  let elapsedMs = 0
  let clockOffset = startAt

  /** The next alarm up to that instant; among equals the one set first, because a set keeps its order. */
  const nextDue = (limitMs: number): Alarm | undefined => {
    let next: Alarm | undefined
    for (const alarm of alarms) {
      if (alarm.dueMs <= limitMs && (next === undefined || alarm.dueMs < next.dueMs)) next = alarm
    }
    return next
  }

  const ring = (alarm: Alarm): void => {
    alarms.delete(alarm)
    elapsedMs = Math.max(elapsedMs, alarm.dueMs)
    alarm.run()
  }

  return {
    now: () => clockOffset + elapsedMs,
    // Another beginning than that of the wall clock, so that one is never taken for the other.
    monotonic: () => monotonicStart + elapsedMs,
    random: seededRandom(seed),
    setTimer(run, delayMs) {
      const alarm = { dueMs: elapsedMs + Math.max(0, delayMs), run }
      alarms.add(alarm)
      return alarm
    },
    clearTimer: (timer) => void alarms.delete(timer as Alarm),
    advance(ms) {
      const end = elapsedMs + ms
      for (let alarm = nextDue(end); alarm !== undefined; alarm = nextDue(end)) ring(alarm)
      elapsedMs = end
    },
    async advanceAsync(ms) {
      const end = elapsedMs + ms
      await promisesSettled()
      for (let alarm = nextDue(end); alarm !== undefined; alarm = nextDue(end)) {
        ring(alarm)
        await promisesSettled()
      }
      elapsedMs = end
    },
    stall(ms) {
      elapsedMs += ms
    },
    shiftClock(ms) {
      clockOffset += ms
    },
    get timerCount() {
      return alarms.size
    },
  }
}

/** Lets everything run that waits for nothing but promises. */
export function promisesSettled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Mulberry32: numbers in [0, 1), the same ones for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
