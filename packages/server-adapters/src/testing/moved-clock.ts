import type { Runtime } from '@sfpool/core'

/** A clock for the gateway that stands still until a test moves it. */
export interface MovedClock {
  readonly runtime: Pick<Runtime, 'monotonic' | 'setTimer' | 'clearTimer'>
  advance(ms: number): void
}

export function movedClock(): MovedClock {
  let now = 1_000
  const alarms = new Set<{ readonly at: number; readonly run: () => void }>()
  return {
    runtime: {
      monotonic: () => now,
      setTimer: (run, delayMs) => {
        const alarm = { at: now + delayMs, run }
        alarms.add(alarm)
        return alarm
      },
      clearTimer: (timer) => void alarms.delete(timer as { at: number; run: () => void }),
    },
    advance: (ms) => {
      now += ms
      for (const alarm of [...alarms]) {
        if (alarm.at > now) continue
        alarms.delete(alarm)
        alarm.run()
      }
    },
  }
}
