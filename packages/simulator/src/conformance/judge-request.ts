import type { RecordedRequest } from '../record/recorded-request.js'
import type { CaseSetup } from './case-setup.js'
import type { ClientView } from './client.js'
import type { ClientVerdict, Expectation } from './conformance-case.js'
import { type EventText, isFailure, isRaised, readEvents, withoutComments } from './event-text.js'
import type { ObservedRequest } from './observation.js'
import type { Question } from './questions.js'

type Facts = Pick<CaseSetup, 'faultIds' | 'question'>

/** The reason why an observed request does not match a verdict; undefined when it matches. */
export type Objection = string | undefined

/** Whether the client got the complete answer of a call without a fault. */
export function isAnswer(observed: ObservedRequest, facts: Facts): boolean {
  return objectionToAnswer(observed, facts) === undefined
}

/** Whether any of the calls met a fault that decides its outcome. */
export function hasMetFault({ calls }: ObservedRequest, { faultIds }: Pick<CaseSetup, 'faultIds'>): boolean {
  return calls.some((call) => isFaulty(call, faultIds))
}

export function objectionTo(
  verdict: ClientVerdict,
  observed: ObservedRequest,
  { facts, expect }: { facts: Facts; expect: Expectation },
): Objection {
  switch (verdict) {
    case 'answer':
      return objectionToAnswer(observed, facts)
    case 'passed-on':
      return objectionToWhole(observed.view, observed.calls)
    case 'refusal':
      return objectionToRefusal(observed.view, expect)
    case 'interrupted':
      return objectionToInterrupted(observed, facts.question)
    case 'waiting':
      return observed.view.ending === 'open' && observed.view.status === undefined
        ? undefined
        : 'it does not wait'
  }
}

function objectionToAnswer({ view, calls }: ObservedRequest, { faultIds }: Facts): Objection {
  return objectionToWhole(
    view,
    calls.filter((call) => !isFaulty(call, faultIds)),
  )
}

function isFaulty({ faults }: RecordedRequest, faultIds: ReadonlySet<string>): boolean {
  return faults.some((id) => faultIds.has(id))
}

/** Checks that the client got all bytes of one call's answer, and no others. */
function objectionToWhole(view: ClientView, calls: readonly RecordedRequest[]): Objection {
  if (view.status === undefined || view.status >= 300) return 'it is not an answer'
  if (view.ending !== 'clean') return 'it does not end properly'
  const good = calls.filter(({ status = 500 }) => status < 300)
  if (good.some(({ responseBody }) => responseBody.equals(view.body))) return undefined
  const text = withoutComments(view.body.toString())
  if (good.some(({ responseBody }) => withoutComments(responseBody.toString()) === text)) return undefined
  return good.length === 0 ? 'no such answer came from the upstream' : 'its bytes are not the upstream’s'
}

function objectionToRefusal(
  { status, ending, body }: ClientView,
  { status: statuses, says }: Expectation,
): Objection {
  if (status === undefined) return 'no answer came'
  if (status < 400) return 'it is not an error'
  if (statuses !== undefined && !statuses.includes(status))
    return `its status is not one of ${statuses.join(', ')}`
  if (ending !== 'clean') return 'it does not end properly'
  if (says !== undefined && !body.toString().includes(says)) return `it does not say "${says}"`
  return undefined
}

function objectionToInterrupted({ view, calls }: ObservedRequest, { events: dialect }: Question): Objection {
  // Without expected events, a connection that breaks before the answer is as explicit as one that breaks inside it.
  if (dialect === undefined && view.status === undefined && view.ending === 'cut') return undefined
  if (view.status !== 200) return 'no answer began'
  if (view.ending === 'open') return 'it did not end in time'
  if (dialect === undefined) return objectionToCutBody(view, calls)
  const events = readEvents(view.body.toString())
  const isExplicit = view.ending === 'cut' || events.some((event) => isRaised(event, dialect))
  const forwarded = events.filter((event) => !isFailure(event))
  const sources = calls.map(({ responseBody }) => readEvents(responseBody.toString()))
  if (!sources.some((source) => isBeginning(forwarded, source))) return inventions(forwarded, sources)
  if (forwarded.length === 0) return 'no part of the answer arrived'
  return isExplicit ? undefined : 'it ends like a whole answer'
}

function objectionToCutBody(view: ClientView, calls: readonly RecordedRequest[]): Objection {
  const isPrefix = calls.some(({ responseBody }) =>
    responseBody.subarray(0, view.body.length).equals(view.body),
  )
  if (!isPrefix) return 'its bytes are not the upstream’s'
  return view.ending === 'cut' ? undefined : 'it ends like a whole answer'
}

function isBeginning(forwarded: readonly EventText[], source: readonly EventText[]): boolean {
  const real = source.filter((event) => !isFailure(event))
  return forwarded.every(({ data, name }, at) => real[at]?.data === data && real[at]?.name === name)
}

function inventions(forwarded: readonly EventText[], sources: readonly (readonly EventText[])[]): string {
  const isDone = ({ data }: EventText): boolean => data === '[DONE]'
  if (forwarded.some(isDone) && !sources.some((source) => source.some(isDone)))
    return 'its [DONE] is invented'
  return sources.length > 1 ? 'it holds text of more than one answer' : 'its events are not the upstream’s'
}

/** Describes an observed request in a few words. */
export function describeRequest({ view, calls }: ObservedRequest, { events: dialect }: Question): string {
  const { status, ending, body } = view
  const under = calls.length === 1 ? '1 call' : `${calls.length} calls`
  if (status === undefined) return `${endings[ending]} without an answer, ${under}`
  if (status >= 300 || dialect === undefined)
    return `${status}, ${body.length} bytes, ${endings[ending]}, ${under}`
  const events = readEvents(body.toString())
  const marks = [
    events.some((event) => isRaised(event, dialect)) ? 'error event' : '',
    events.some(({ data }) => data === '[DONE]') ? '[DONE]' : '',
  ].filter((mark) => mark !== '')
  return [`${status}`, `${events.length} events`, ...marks, endings[ending], under].join(', ')
}

const endings: Readonly<Record<ClientView['ending'], string>> = {
  clean: 'clean end',
  cut: 'cut off',
  open: 'still open',
  left: 'left',
}
