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
/** A stream of about fifty megabytes, more than all buffers between upstream and client. */
const flood: Partial<Settings> = { replyTokens: 150_000, eventMs: 0 }
const slow: Partial<Settings> = { replyTokens: 500, eventMs: 10 }

const leavingVariants: readonly LeavingVariant[] = [
  {
    name: 'uploading',
    leaves: 'uploading',
    question: 'chat',
    pools: [one],
    why: 'A request that was never complete must not be sent upstream, or must be aborted at once.',
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
    why: 'A client that leaves the queue must not be served later.',
  },
  {
    name: 'before-head-json',
    leaves: 'before-head',
    question: 'chat',
    faults: [{ fault: { kind: 'hang', at: 'before-headers' } }],
    pools: [one, two],
    why: 'No client waits for the answer any more, so it must not be paid for.',
  },
  {
    name: 'before-head-stream',
    leaves: 'before-head',
    question: 'chat-stream',
    faults: [{ fault: { kind: 'hang', at: 'before-headers' } }],
    pools: [one, { keys: 50, bad: 50 }],
    why: 'No client waits for the stream any more, so no other key must be tried.',
  },
  {
    name: 'after-head',
    leaves: 'before-output',
    question: 'chat-stream',
    faults: [{ fault: { kind: 'hang', at: 'mid-body', afterEvents: 1 } }],
    pools: [one, two],
    why: 'The client of a stream that is held until its first output may leave, too.',
  },
  {
    name: 'mid-stream',
    leaves: 'mid-stream',
    question: 'chat-stream',
    settings: slow,
    pools: [one, two],
    why: 'Every token after the client has left is paid for and never read.',
  },
  {
    name: 'mid-stream-messages',
    leaves: 'mid-stream',
    question: 'messages-stream',
    settings: slow,
    pools: [one],
    why: 'The same applies to Anthropic’s dialect.',
  },
  {
    name: 'silent-stream',
    leaves: 'mid-stream',
    question: 'chat-stream',
    settings: slow,
    faults: [{ fault: { kind: 'hang', at: 'mid-body', afterEvents: 6 } }],
    pools: [one],
    why: 'A target that notices a closed connection only when it writes never notices it during silence.',
  },
  {
    name: 'mid-json',
    leaves: 'mid-answer',
    question: 'chat',
    faults: [{ fault: { kind: 'hang', at: 'mid-body' } }],
    pools: [one],
    why: 'The client of an answer that is held until it is whole may leave, too.',
  },
  {
    name: 'mid-speech',
    leaves: 'mid-answer',
    question: 'speech',
    faults: [{ fault: { kind: 'hang', at: 'mid-body' } }],
    pools: [one],
    why: 'The same applies to audio.',
  },
  {
    name: 'not-reading',
    leaves: 'not-reading',
    question: 'chat-stream',
    settings: flood,
    pools: [one],
    why: 'A client that stops reading must slow the upstream down, and the call must end when the client leaves.',
  },
]

const soonMs = 1500

/** Clients that leave: the upstream call ends at once, no key is blamed, and the key serves the next request. */
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
          // The key of a queued client has met an error of its own.
          ...(leaves === 'queued' ? {} : { states: { bad: ['ready'], good: ['ready'] } }),
        },
        why,
      }),
    ),
)
