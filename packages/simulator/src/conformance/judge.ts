import type { CaseSetup } from './case-setup.js'
import { type ConformanceCase, closesWithinMs } from './conformance-case.js'
import { describeRequest, hasMetFault, objectionTo } from './judge-request.js'
import type { Leaving, Observation, ObservedRequest } from './observation.js'

/** The judgement of a case. */
export interface Judgement {
  verdict: 'pass' | 'fail' | 'skip'
  /** The observation, in a few words. */
  seen: string
  /** The differences from the expectation; empty for a pass. */
  problems: readonly string[]
  /** The median time from the client's leaving to the upstream's close; only for cases in which a client leaves. */
  closeMs?: number
}

type Facts = Pick<CaseSetup, 'faultIds' | 'question' | 'badKeys'>

/** Compares the observation of a case with its expectation. */
export function judge(subject: ConformanceCase, observation: Observation, facts: Facts): Judgement {
  const { leavings, requests } = observation
  const isLeaving = leavings.length > 0
  if (!isLeaving && isUnmet(subject, requests, facts))
    return { verdict: 'skip', seen: 'the fault was never met', problems: [] }
  const problems = [
    ...(isLeaving ? judgeLeavings(leavings) : judgeRequests(subject, requests, facts)),
    ...judgeRecovery(subject, observation),
    ...judgeStates(subject, observation, facts),
  ]
  return {
    verdict: problems.length === 0 ? 'pass' : 'fail',
    seen: isLeaving ? describeLeavings(leavings) : describeRequests(requests, facts),
    problems: [...new Set(problems)],
    ...(isLeaving ? { closeMs: medianClose(leavings) } : {}),
  }
}

function isUnmet({ faults }: ConformanceCase, requests: readonly ObservedRequest[], facts: Facts): boolean {
  if (facts.faultIds.size === 0 || faults.some(({ fault }) => isUnseen(fault))) return false
  return !requests.some((observed) => hasMetFault(observed, facts))
}

/** Whether the fault applies to a connection, before there is a request to record. */
function isUnseen(fault: ConformanceCase['faults'][number]['fault']): boolean {
  return fault.kind === 'refuse' || (fault.kind === 'reset' && fault.at === 'connect')
}

function judgeRequests(
  subject: ConformanceCase,
  requests: readonly ObservedRequest[],
  facts: Facts,
): string[] {
  const { expect, faults } = subject
  const mayBeUnseen = faults.some(({ fault }) => isUnseen(fault))
  const problems = requests.flatMap((observed) => {
    // A request that met no fault must be answered, whatever happened to the others.
    const isTouched = mayBeUnseen || observed.calls.length === 0 || hasMetFault(observed, facts)
    const wanted = isTouched ? expect.client : (['answer'] as const)
    const objections = wanted.map((verdict) => objectionTo(verdict, observed, { facts, expect }))
    if (objections.includes(undefined)) return []
    return [objections.join('; ')]
  })
  return [...problems, ...judgeMixUps(subject, requests), ...judgeCalls(subject, requests, facts)]
}

/** Checks that no two clients got the same answer: the simulator never sends the same bytes twice. */
function judgeMixUps({ atOnce = 1 }: ConformanceCase, requests: readonly ObservedRequest[]): string[] {
  const bodies = new Set(requests.map(({ view }) => view.body.toString('latin1')))
  return atOnce > 1 && bodies.size < requests.length ? ['several clients got the same answer'] : []
}

function judgeCalls(
  { expect }: ConformanceCase,
  requests: readonly ObservedRequest[],
  { badKeys }: Facts,
): string[] {
  // Simultaneous clients share their calls.
  const calls = [...new Set(requests.flatMap((observed) => observed.calls))]
  const problems: string[] = []
  if (expect.calls !== undefined) {
    const [least, most] = expect.calls
    if (calls.length < least) problems.push(`the upstream was called ${count(calls.length)}, not ${least}`)
    if (calls.length > most)
      problems.push(`the upstream was called ${count(calls.length)}, at most ${most} are right`)
  }
  const { callsPerBadKey } = expect
  if (callsPerBadKey === undefined) return problems
  const most = Math.max(0, ...[...badKeys].map((key) => calls.filter((call) => call.key === key).length))
  if (most > callsPerBadKey)
    problems.push(`a bad key was called ${count(most)}, at most ${callsPerBadKey} is right`)
  return problems
}

function judgeLeavings(leavings: readonly Leaving[]): string[] {
  const problems: string[] = []
  const closeMs = medianClose(leavings)
  if (leavings.some(({ isDrained }) => isDrained))
    problems.push('the upstream was drained for a client that does not read')
  else if (!Number.isFinite(closeMs)) problems.push('the upstream was never closed')
  else if (closeMs > closesWithinMs) problems.push(`the upstream was closed after ${closeMs} ms`)
  if (leavings.some(({ calls }) => calls.length > 1))
    problems.push('another call was made for a client that had left')
  return problems
}

function judgeRecovery({ expect }: ConformanceCase, { recoveredMs }: Observation): string[] {
  if (expect.recoversWithinMs === undefined || recoveredMs !== undefined) return []
  return [`no request was answered in the ${expect.recoversWithinMs} ms after the fault`]
}

function judgeStates({ expect }: ConformanceCase, { states }: Observation, { badKeys }: Facts): string[] {
  if (expect.states === undefined || states === undefined) return []
  const { bad, good } = expect.states
  return [...states].flatMap(([key, state]) => {
    const isBad = badKeys.has(key)
    const wanted = isBad ? bad : good
    return wanted.includes(state)
      ? []
      : [`a ${isBad ? 'bad' : 'good'} key is ${state}, not ${wanted.join(' or ')}`]
  })
}

function medianClose(leavings: readonly Leaving[]): number {
  const times = leavings.map(({ closeMs = Number.POSITIVE_INFINITY }) => closeMs)
  return times.sort((left, right) => left - right)[Math.floor(times.length / 2)] ?? 0
}

function describeRequests(requests: readonly ObservedRequest[], { question }: Facts): string {
  const seen = requests.map((observed) => describeRequest(observed, question))
  const different = [...new Set(seen)]
  return different.map((one) => `${timesOf(seen, one)}${one}`).join(' | ')
}

function timesOf(seen: readonly string[], one: string): string {
  const times = seen.filter((other) => other === one).length
  return times === 1 ? '' : `${times} x `
}

function describeLeavings(leavings: readonly Leaving[]): string {
  const closed = leavings.map(({ closeMs, isDrained, calls: made }) => {
    if (made.length === 0) return 'no call'
    if (isDrained) return 'drained'
    return closeMs === undefined ? 'never' : `${closeMs} ms`
  })
  const calls = leavings.reduce((sum, leaving) => sum + leaving.calls.length, 0)
  return `upstream closed: ${closed.join(', ')}; ${count(calls)} called`
}

function count(times: number): string {
  return times === 1 ? 'once' : `${times} times`
}
