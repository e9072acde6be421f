import { errorSamples } from '../errors/error-samples.js'
import type { ErrorEventFault, Place, TruncateFault, Within } from '../faults/fault.js'
import type { FaultPlan } from '../faults/fault-plan.js'

/** An interruption at a point of an answer. */
export type Interruption = { after: number } & (
  | { kind: 'wait'; ms: number }
  | { kind: 'reset' | 'close' | 'hang' | 'finish'; within: Within | undefined }
  | { kind: 'error-event'; body: string; shape: 'bare' | 'wrapped'; ending: 'end' | 'done' | 'close' }
)

/** The point before the headers. 0 is after the headers, n is after n pieces of the body. */
export const beforeHeaders: number = -1

const defaultEvents = 3

/** Plans the interruptions of an answer, in order. A whole answer counts as two pieces. */
export function planInterruptions({ outcome, modifiers }: FaultPlan, isStream: boolean): Interruption[] {
  const found: Interruption[] = []
  for (const modifier of modifiers) {
    if (modifier.kind !== 'delay') continue
    found.push({ after: pointOf(modifier.at, modifier.afterEvents, isStream), kind: 'wait', ms: modifier.ms })
  }
  switch (outcome?.kind) {
    case 'reset':
    case 'close':
    case 'hang':
      if (outcome.at !== 'connect') {
        found.push({
          after: pointOf(outcome.at, outcome.afterEvents, isStream),
          kind: outcome.kind,
          within: isStream && outcome.at === 'mid-body' ? outcome.within : undefined,
        })
      }
      break
    case 'truncate':
      found.push(truncation(outcome, isStream))
      break
    case 'error-event':
      if (isStream) found.push(errorEvent(outcome))
      break
    case 'empty-reply':
      if (isStream && outcome.reply === 'role') found.push({ after: 1, kind: 'close', within: undefined })
      break
    default:
  }
  return found.sort((left, right) => left.after - right.after)
}

function pointOf(at: Place | 'upload', afterEvents: number | undefined, isStream: boolean): number {
  if (at === 'upload' || at === 'before-headers') return beforeHeaders
  if (at === 'after-headers') return 0
  return isStream ? (afterEvents ?? defaultEvents) : 1
}

/** Plans a truncation. Without `afterEvents`, a stream ends where its terminator would come. */
function truncation({ afterEvents, within }: TruncateFault, isStream: boolean): Interruption {
  if (!isStream) return { after: 1, kind: 'finish', within: undefined }
  const last = within === undefined ? Number.POSITIVE_INFINITY : defaultEvents
  return { after: afterEvents ?? last, kind: 'finish', within }
}

function errorEvent({
  name,
  afterEvents = defaultEvents,
  shape = 'bare',
  ending = 'end',
}: ErrorEventFault): Interruption {
  return { after: afterEvents, kind: 'error-event', body: errorSamples[name].body || '""', shape, ending }
}
