import type { Settings } from '../../scenario/settings.js'
import {
  type CaseFault,
  type ConformanceCase,
  type LeavingPhase,
  type PoolShape,
  poolName,
  type QuestionName,
} from '../conformance-case.js'

interface LeavingVariant {
  name: string
  leaves: LeavingPhase
  question: QuestionName
  faults?: readonly CaseFault[]
  settings?: Partial<Settings>
  pools?: readonly PoolShape[]
  why: string
}

const one: PoolShape = { keys: 1, bad: 1 }
const two: PoolShape = { keys: 2, bad: 2 }
/** A stream of some fifty megabytes, more than all buffers on the way hold. */
const flood: Partial<Settings> = { replyTokens: 150_000, eventMs: 0 }
const slow: Partial<Settings> = { replyTokens: 500, eventMs: 10 }

const leavingVariants: readonly LeavingVariant[] = [
  {
    name: 'uploading',
    leaves: 'uploading',
    question: 'chat',
    pools: [one],
    why: 'A request that was never whole is made by nobody, or given up at once.',
  },
  {
    name: 'queued',
    leaves: 'queued',
    question: 'chat',
    faults: [
      { fault: { kind: 'error', name: 'rate-limit-rpm' }, on: 'any', times: 1 },
      { fault: { kind: 'headers', headers: { 'retry-after': '1' } }, on: 'any', times: 1 },
    ],
    pools: [one],
    why: 'Who leaves the queue is not served when its turn comes.',
  },
  {
    name: 'before-head-json',
    leaves: 'before-head',
    question: 'chat',
    faults: [{ fault: { kind: 'hang', at: 'before-headers' } }],
    pools: [one, two],
    why: 'Nobody waits for the answer any more, so nobody pays for it.',
  },
  {
    name: 'before-head-stream',
    leaves: 'before-head',
    question: 'chat-stream',
    faults: [{ fault: { kind: 'hang', at: 'before-headers' } }],
    pools: [one, { keys: 50, bad: 50 }],
    why: 'Nobody waits for the stream any more, and no other key is asked for it.',
  },
  {
    name: 'after-head',
    leaves: 'before-output',
    question: 'chat-stream',
    faults: [{ fault: { kind: 'hang', at: 'mid-body', afterEvents: 1 } }],
    pools: [one, two],
    why: 'A stream that is held for its first output has a client too, and that client may leave.',
  },
  {
    name: 'mid-stream',
    leaves: 'mid-stream',
    question: 'chat-stream',
    settings: slow,
    pools: [one, two],
    why: 'Every token after the client’s leaving is paid for and read by nobody.',
  },
  {
    name: 'mid-stream-messages',
    leaves: 'mid-stream',
    question: 'messages-stream',
    settings: slow,
    pools: [one],
    why: 'It is the same for Anthropic’s dialect.',
  },
  {
    name: 'silent-stream',
    leaves: 'mid-stream',
    question: 'chat-stream',
    settings: slow,
    faults: [{ fault: { kind: 'hang', at: 'mid-body', afterEvents: 6 } }],
    pools: [one],
    why: 'A target that notices only when it writes never notices in a silence.',
  },
  {
    name: 'mid-json',
    leaves: 'mid-answer',
    question: 'chat',
    faults: [{ fault: { kind: 'hang', at: 'mid-body' } }],
    pools: [one],
    why: 'An answer that is held until it is whole has a client too.',
  },
  {
    name: 'mid-speech',
    leaves: 'mid-answer',
    question: 'speech',
    faults: [{ fault: { kind: 'hang', at: 'mid-body' } }],
    pools: [one],
    why: 'It is the same for sound.',
  },
  {
    name: 'not-reading',
    leaves: 'not-reading',
    question: 'chat-stream',
    settings: flood,
    pools: [one],
    why: 'A client that stops reading holds the upstream back, and its leaving ends the call.',
  },
]

const soonMs = 1500

/** Clients that leave: the upstream learns of it at once, nobody is blamed, and the key serves the next request. */
export const leavingCases: readonly ConformanceCase[] = leavingVariants.flatMap(
  ({ name, leaves, question, faults = [], settings, pools = [one], why }) =>
    pools.map(
      (pool): ConformanceCase => ({
        id: `leaving.${name}.${poolName(pool)}`,
        group: 'leaving',
        pool,
        question,
        faults,
        ...(settings === undefined ? {} : { settings }),
        client: { leaves },
        expect: {
          client: [],
          recoversWithinMs: soonMs,
          // The key of a client that was queued had its own trouble.
          ...(leaves === 'queued' ? {} : { states: { bad: ['ready'], good: ['ready'] } }),
        },
        why,
      }),
    ),
)
