import { type ClientVerdict, type ConformanceCase, closesWithinMs } from '../conformance-case.js'

const words: Readonly<Record<ClientVerdict, string>> = {
  answer: 'whole answer',
  'passed-on': 'passed on unchanged',
  refusal: 'error status',
  interrupted: 'explicit failure',
  waiting: 'a wait',
}

/** Describes the expectation of a case in a few words. */
export function describeExpectation({ client = 'stays', expect }: ConformanceCase): string {
  const { status, calls, callsPerBadKey, recoversWithinMs } = expect
  if (client !== 'stays') return `upstream closed in ${closesWithinMs} ms, then serves again`
  const seen = expect.client.map((verdict) => words[verdict]).join(' or ')
  return [
    status === undefined || status.length > 1 ? seen : `${seen} ${status[0]}`,
    calls === undefined ? '' : callWords(calls),
    callsPerBadKey === undefined ? '' : `each bad key at most ${times(callsPerBadKey)}`,
    recoversWithinMs === undefined ? '' : `serves again in ${recoversWithinMs} ms`,
  ]
    .filter((part) => part !== '')
    .join('; ')
}

function callWords([least, most]: readonly [number, number]): string {
  if (least === most) return most === 1 ? '1 call' : `${most} calls`
  return `${least} to ${most} calls`
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}
