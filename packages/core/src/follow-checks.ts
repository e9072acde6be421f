import type { CheckSchedule } from './balance/schedule.js'
import type { EventBoard } from './events.js'

/** Tells a schedule what it has to know of a pool. Calls are listened to only when they count: to tell of each costs. */
export function followChecks(schedule: CheckSchedule, events: EventBoard): void {
  if (schedule.hearsCalls)
    events.on('attempt-end', ({ key, outcome }) => {
      if (outcome.kind === 'success') schedule.noteSuccess(key)
    })
  events.on('key-exhausted', ({ keys: [key] }) => {
    if (key !== undefined) schedule.noteLackOfFunds(key)
  })
  events.on('keys-changed', () => schedule.prune())
}
