import type { Fault } from '../../faults/fault.js'
import { type ConformanceCase, type PoolShape, poolName, type QuestionName } from '../conformance-case.js'

const refusals = [408, 500, 502, 503, 504]
const recoveryMs = 6000

interface Break {
  name: string
  fault: Fault
  why: string
}

const breaks: readonly Break[] = [
  {
    name: 'reset-before-head',
    fault: { kind: 'reset', at: 'before-headers' },
    why: 'A connection that is reset before any answer has sent nothing to the client.',
  },
  {
    name: 'close-before-head',
    fault: { kind: 'close', at: 'before-headers' },
    why: 'A connection that is closed before any answer has sent nothing to the client.',
  },
  {
    name: 'reset-at-upload',
    fault: { kind: 'reset', at: 'upload' },
    why: 'A connection that is reset while the request is sent has sent nothing to the client.',
  },
  {
    name: 'silence-before-head',
    fault: { kind: 'hang', at: 'before-headers' },
    why: 'A call without an answer must end by a timeout.',
  },
]

/** Failures of the network before the first byte of an answer. */
export const connectionCases: readonly ConformanceCase[] = [
  {
    id: 'connection.refused.2-2',
    group: 'connection',
    pool: { keys: 2, bad: 2 },
    question: 'chat',
    faults: [{ fault: { kind: 'refuse' }, on: 'any' }],
    expect: { client: ['refusal'], status: refusals, calls: [0, 0], recoversWithinMs: recoveryMs },
    why: 'Refused connections concern all keys: the client gets an error, and every key serves when the upstream is back.',
  },
  {
    id: 'connection.reset-at-connect.2-2',
    group: 'connection',
    pool: { keys: 2, bad: 2 },
    question: 'chat-stream',
    faults: [{ fault: { kind: 'reset', at: 'connect' }, on: 'any' }],
    expect: { client: ['refusal'], status: refusals, calls: [0, 0], recoversWithinMs: recoveryMs },
    why: 'A server that resets every connection is not the fault of a key: the client gets an error, and no key is lost.',
  },
  ...breaks.flatMap((broken) => [
    breakCase(broken, { keys: 1, bad: 1 }, 'chat-stream'),
    breakCase(broken, { keys: 2, bad: 1 }, 'chat'),
    breakCase(broken, { keys: 2, bad: 1 }, 'chat-stream'),
    breakCase(broken, { keys: 50, bad: 2 }, 'chat-stream'),
  ]),
]

function breakCase({ name, fault, why }: Break, pool: PoolShape, question: QuestionName): ConformanceCase {
  const isAlone = pool.keys === pool.bad
  return {
    id: `connection.${name}-${question}.${poolName(pool)}`,
    group: 'connection',
    pool,
    question,
    faults: [{ fault }],
    expect: isAlone
      ? { client: ['refusal'], status: refusals, calls: [1, 3] }
      : {
          client: ['answer'],
          calls: [2, pool.bad + 2],
          states: { bad: ['ready', 'cooling'], good: ['ready'] },
        },
    why: `${why} ${isAlone ? 'With one key the client gets an error.' : 'Another key is tried, and the client gets one whole answer.'}`,
  }
}
