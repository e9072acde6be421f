import type { CloseFault, Fault, HangFault, ResetFault, TruncateFault } from '../../faults/fault.js'
import {
  type ClientVerdict,
  type ConformanceCase,
  type PoolShape,
  poolName,
  type QuestionName,
} from '../conformance-case.js'

/** The role, sixteen pieces and the finish chunk: a whole stream except its `[DONE]`. */
const allButDone = 18
const refusals = [408, 500, 502, 503, 504]

interface BreakPoint {
  name: string
  afterEvents: number
}

const afterHead: BreakPoint = { name: 'after-head', afterEvents: 0 }
const beforeOutput: BreakPoint = { name: 'before-output', afterEvents: 1 }
const afterOutput: BreakPoint = { name: 'after-output', afterEvents: 4 }
const atEnd: BreakPoint = { name: 'at-end', afterEvents: allButDone }
const breakPoints = [afterHead, beforeOutput, afterOutput, atEnd] as const

interface StreamBreak {
  name: string
  fault: (afterEvents: number) => Fault
  what: string
}

const breaks: readonly StreamBreak[] = [
  {
    name: 'reset',
    fault: (afterEvents) => ({ kind: 'reset', at: 'mid-body', afterEvents }),
    what: 'A reset connection',
  },
  {
    name: 'close',
    fault: (afterEvents) => ({ kind: 'close', at: 'mid-body', afterEvents }),
    what: 'A connection closed without the end of its body',
  },
  {
    name: 'silence',
    fault: (afterEvents) => ({ kind: 'hang', at: 'mid-body', afterEvents }),
    what: 'Silence without end',
  },
  {
    name: 'no-done',
    fault: (afterEvents) => ({ kind: 'truncate', afterEvents }),
    what: 'A body that ends properly for HTTP and without [DONE]',
  },
  {
    name: 'error-frame',
    fault: (afterEvents) => ({ kind: 'error-event', name: 'overloaded', afterEvents }),
    what: 'An error event with code and message, which no SDK raises,',
  },
  {
    name: 'error-frame-done',
    fault: (afterEvents) => ({
      kind: 'error-event',
      name: 'overloaded',
      afterEvents,
      shape: 'wrapped',
      ending: 'done',
    }),
    what: 'An error object followed by [DONE]',
  },
  {
    name: 'error-frame-close',
    fault: (afterEvents) => ({ kind: 'error-event', name: 'rate-limit-tpm', afterEvents, ending: 'close' }),
    what: 'An error event at which the connection ends',
  },
]

const two: PoolShape = { keys: 2, bad: 1 }
const one: PoolShape = { keys: 1, bad: 1 }
const many: PoolShape = { keys: 50, bad: 2 }

/** Streams that break: hidden from the client before the first output, reported explicitly after it. */
export const streamCases: readonly ConformanceCase[] = [
  ...breaks.flatMap((broken) => breakPoints.map((point) => breakCase(broken, point, { pool: two }))),
  ...breaks.map((broken) => breakCase(broken, beforeOutput, { pool: one })),
  ...breaks.slice(0, 2).map((broken) => breakCase(broken, beforeOutput, { pool: many })),
  {
    ...breakCase(breaks[0] as StreamBreak, beforeOutput, { pool: { keys: 50, bad: 10 } }),
    id: 'stream.reset-before-output-burst.50-10',
    atOnce: 20,
    expect: { client: ['answer'] },
  },
  ...breaks.slice(0, 4).map((broken) => breakCase(broken, afterOutput, { pool: one })),
  ...breaks
    .slice(0, 3)
    .flatMap((broken) => [
      breakCase(broken, beforeOutput, { pool: two, question: 'messages-stream' }),
      breakCase(broken, afterOutput, { pool: two, question: 'messages-stream' }),
    ]),
  breakCase(breaks[0] as StreamBreak, afterOutput, { pool: two, question: 'completions-stream' }),
  within('event', { kind: 'truncate', afterEvents: 0, within: 'event' }, ['answer']),
  within('event', { kind: 'truncate', afterEvents: 4, within: 'event' }, ['interrupted']),
  within('event', { kind: 'reset', at: 'mid-body', afterEvents: 4, within: 'event' }, ['interrupted']),
  within('event', { kind: 'hang', at: 'mid-body', afterEvents: 4, within: 'event' }, ['interrupted']),
  within('character', { kind: 'truncate', afterEvents: 4, within: 'character' }, ['interrupted']),
  within('character', { kind: 'close', at: 'mid-body', afterEvents: 4, within: 'character' }, [
    'interrupted',
  ]),
  ...(['content', 'choices'] as const).flatMap((reply) => [emptyCase(reply, two), emptyCase(reply, one)]),
  {
    id: 'stream.reasoning-only.2-1',
    group: 'stream',
    pool: two,
    question: 'chat-stream',
    faults: [{ fault: { kind: 'empty-reply', reply: 'reasoning' } }],
    expect: { client: ['passed-on', 'answer'], calls: [1, 2] },
    why: 'A chain of thought is output, too: an answer with nothing else is passed on, or replaced by another key.',
  },
]

function breakCase(
  { name, fault, what }: StreamBreak,
  point: BreakPoint,
  { pool, question = 'chat-stream' }: { pool: PoolShape; question?: QuestionName },
): ConformanceCase {
  const { client, why, calls } = expectation(point, pool)
  return {
    id: `stream.${name}-${point.name}${question === 'chat-stream' ? '' : `-${question}`}.${poolName(pool)}`,
    group: 'stream',
    pool,
    question,
    faults: [{ fault: fault(eventsBefore(point, question)) }],
    expect: { client, calls, ...(client.includes('refusal') ? { status: refusals.concat(429) } : {}) },
    why: `${what} ${why}`,
  }
}

/** Anthropic's streams begin with `message_start`, `content_block_start` and `ping`, which are not output. */
function eventsBefore({ afterEvents }: BreakPoint, question: QuestionName): number {
  return question === 'messages-stream' ? afterEvents + 1 : afterEvents
}

function expectation(
  point: BreakPoint,
  { keys, bad }: PoolShape,
): { client: ClientVerdict[]; why: string; calls: readonly [number, number] } {
  switch (point) {
    case afterOutput:
      return {
        client: ['interrupted'],
        calls: [1, 1],
        why: 'after output must be reported to the client: sent output cannot be taken back or repeated by another key.',
      }
    case atEnd:
      return {
        client: ['interrupted', 'passed-on'],
        calls: [1, 1],
        why: 'after the finish reason leaves the text whole: it may be reported or passed on, but no [DONE] is invented.',
      }
    default:
      return keys === bad
        ? {
            client: ['refusal'],
            calls: [1, 3],
            why: 'before any output, without another key, is answered with an error status.',
          }
        : {
            client: ['answer'],
            calls: [2, bad + 2],
            why: 'before any output can be hidden: another key answers, and the client gets one whole stream.',
          }
  }
}

function within(
  what: 'event' | 'character',
  fault: TruncateFault | ResetFault | CloseFault | HangFault,
  client: ClientVerdict[],
): ConformanceCase {
  const place = fault.afterEvents ?? 0
  const isEarly = client.includes('answer')
  return {
    id: `stream.${fault.kind}-within-${what}-${place}.2-1`,
    group: 'stream',
    pool: two,
    question: 'chat-stream',
    faults: [{ fault }],
    expect: { client, calls: isEarly ? [2, 3] : [1, 1] },
    why: isEarly
      ? `Half an ${what} is no output: another key answers.`
      : `A stream that breaks within ${what === 'event' ? 'an event' : 'a character'} is interrupted; half of it must not be sent as if it were whole.`,
  }
}

function emptyCase(reply: 'content' | 'choices', pool: PoolShape): ConformanceCase {
  const isAlone = pool.keys === pool.bad
  return {
    id: `stream.empty-${reply}.${poolName(pool)}`,
    group: 'stream',
    pool,
    question: 'chat-stream',
    faults: [{ fault: { kind: 'empty-reply', reply } }],
    expect: isAlone
      ? { client: ['passed-on', 'refusal'], calls: [1, 2] }
      : { client: ['answer'], calls: [2, 2] },
    why: isAlone
      ? 'An empty answer is passed on when there is no other key; one more attempt is enough.'
      : 'After an empty stream that ends with [DONE], one other key is tried.',
  }
}
