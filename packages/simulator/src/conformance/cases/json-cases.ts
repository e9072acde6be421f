import type { Fault } from '../../faults/fault.js'
import { type ConformanceCase, type PoolShape, poolName, type QuestionName } from '../conformance-case.js'

const refusals = [408, 429, 500, 502, 503, 504]
const two: PoolShape = { keys: 2, bad: 1 }
const one: PoolShape = { keys: 1, bad: 1 }

interface JsonBreak {
  name: string
  fault: Fault
  what: string
}

const breaks: readonly JsonBreak[] = [
  {
    name: 'reset-mid-body',
    fault: { kind: 'reset', at: 'mid-body' },
    what: 'A reset in the middle of a small JSON answer',
  },
  {
    name: 'close-mid-body',
    fault: { kind: 'close', at: 'mid-body' },
    what: 'A connection that ends in the middle of a small JSON answer',
  },
  {
    name: 'half-a-text',
    fault: { kind: 'truncate' },
    what: 'Half a JSON text that ends properly for HTTP',
  },
  {
    name: 'silence-after-head',
    fault: { kind: 'hang', at: 'after-headers' },
    what: 'A head without a body',
  },
  {
    name: 'silence-mid-body',
    fault: { kind: 'hang', at: 'mid-body' },
    what: 'Silence in the middle of a small JSON answer',
  },
  {
    name: 'empty-body',
    fault: { kind: 'answer', status: 200, headers: { 'content-type': 'application/json' }, body: '' },
    what: 'A 200 without a body',
  },
]

/** Incomplete JSON answers: the target holds an answer until it is whole, so that another key can answer instead. */
export const jsonCases: readonly ConformanceCase[] = [
  ...breaks.flatMap((broken) => [breakCase(broken, two), breakCase(broken, one)]),
  ...breaks.slice(0, 2).map((broken) => breakCase(broken, two, 'embeddings')),
  breakCase(breaks[0] as JsonBreak, two, 'messages'),
  {
    id: 'json.empty-stream-body.2-1',
    group: 'json',
    pool: two,
    question: 'chat-stream',
    faults: [
      { fault: { kind: 'answer', status: 200, headers: { 'content-type': 'text/event-stream' }, body: '' } },
    ],
    expect: { client: ['answer'], calls: [2, 3] },
    why: 'A stream without a byte is no answer; another key must answer.',
  },
  ...(['content', 'choices'] as const).flatMap((reply) => [emptyCase(reply, two), emptyCase(reply, one)]),
  {
    id: 'json.large-reset-mid-body.1-1',
    group: 'json',
    pool: one,
    question: 'embeddings-large',
    faults: [{ fault: { kind: 'reset', at: 'mid-body' } }],
    expect: { client: ['interrupted', 'refusal'], status: refusals, calls: [1, 3] },
    why: 'An answer too large to be held may have been sent in part: then its connection must break, not end properly.',
  },
]

function breakCase(
  { name, fault, what }: JsonBreak,
  pool: PoolShape,
  question: QuestionName = 'chat',
): ConformanceCase {
  const isAlone = pool.keys === pool.bad
  return {
    id: `json.${name}${question === 'chat' ? '' : `-${question}`}.${poolName(pool)}`,
    group: 'json',
    pool,
    question,
    faults: [{ fault }],
    expect: isAlone
      ? { client: ['refusal'], status: refusals, calls: [1, 3] }
      : { client: ['answer'], calls: [2, 3] },
    why: isAlone
      ? `${what} is a failure, and with one key the client gets an error status.`
      : `${what} is a failure that the client has not seen yet; another key answers.`,
  }
}

function emptyCase(reply: 'content' | 'choices', pool: PoolShape): ConformanceCase {
  const isAlone = pool.keys === pool.bad
  return {
    id: `json.empty-${reply}.${poolName(pool)}`,
    group: 'json',
    pool,
    question: 'chat',
    faults: [{ fault: { kind: 'empty-reply', reply } }],
    expect: isAlone
      ? { client: ['passed-on', 'refusal'], status: refusals, calls: [1, 2] }
      : { client: ['answer'], calls: [2, 2] },
    why: isAlone
      ? 'An empty answer is passed on when there is no other key; one more attempt is enough.'
      : 'After an empty answer, one other key is tried.',
  }
}
