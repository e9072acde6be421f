import type { Timers } from '../runtime.js'

/** A clock that moves only when a test advances it. */
export interface ManualClock {
  now: () => number
  timers: Timers
  /** Advances the clock and runs the due timers, in order. */
  advance(ms: number): void
  /** Resolves once a timer is set. */
  waitForTimer(): Promise<void>
}

interface Alarm {
  at: number
  callback: () => void
}

export function createManualClock(start = 1_760_000_000_000): ManualClock {
  let now = start
  const alarms = new Set<Alarm>()
  let onWait: () => void = () => {}
  const nextDue = (limit: number): Alarm | undefined =>
    [...alarms].filter(({ at }) => at <= limit).sort((left, right) => left.at - right.at)[0]
  return {
    now: () => now,
    timers: {
      setTimeout(callback, ms) {
        const alarm = { at: now + ms, callback }
        alarms.add(alarm)
        onWait()
        return alarm
      },
      clearTimeout: (alarm) => void alarms.delete(alarm as Alarm),
    },
    advance(ms) {
      const end = now + ms
      for (let alarm = nextDue(end); alarm !== undefined; alarm = nextDue(end)) {
        alarms.delete(alarm)
        now = alarm.at
        alarm.callback()
      }
      now = end
    },
    waitForTimer: () =>
      new Promise((resolve) => {
        if (alarms.size > 0) resolve()
        else onWait = resolve
      }),
  }
}
