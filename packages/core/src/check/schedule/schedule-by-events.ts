import type { PoolEmitter } from '../../events.js'
import type { CheckSchedule } from './check-schedule.js'

/** Has a schedule follow the pool's events. Calls are listened to only when they count: their event has a cost. */
export function scheduleByEvents(schedule: CheckSchedule, events: PoolEmitter): void {
  if (schedule.countsCalls)
    events.on('attempt-end', ({ key, outcome }) => {
      if (outcome.kind === 'success') schedule.recordSuccess(key)
    })
  events.on('key-exhausted', ({ keys: [key] }) => {
    if (key !== undefined) schedule.recordLackOfFunds(key)
  })
  events.on('keys-changed', () => schedule.prune())
}
