import type { PoolEmitter } from '../events.js'
import type { CheckSchedule } from './schedule.js'

/** Tells a schedule what it has to know of a pool. Calls are listened to only when they count: to tell of each costs. */
export function scheduleByEvents(schedule: CheckSchedule, events: PoolEmitter): void {
  if (schedule.hearsCalls)
    events.on('attempt-end', ({ key, outcome }) => {
      if (outcome.kind === 'success') schedule.noteSuccess(key)
    })
  events.on('key-exhausted', ({ keys: [key] }) => {
    if (key !== undefined) schedule.noteLackOfFunds(key)
  })
  events.on('keys-changed', () => schedule.prune())
}
