import type { Fault } from '../faults/fault.js'
import type { Settings } from '../scenario/settings.js'

/** The subject of a case. */
export type CaseGroup = (typeof caseGroups)[number]

export const caseGroups = [
  'relay',
  'keys',
  'caller',
  'upstream',
  'connection',
  'stream',
  'json',
  'once',
  'leaving',
] as const

/** The number of keys of the target, and how many of them meet the fault. The first keys are the bad ones. */
export interface PoolShape {
  keys: number
  bad: number
}

/** The name of a client's request; see `questions.ts`. */
export type QuestionName =
  | 'chat'
  | 'chat-stream'
  | 'messages'
  | 'messages-stream'
  | 'completions-stream'
  | 'embeddings'
  | 'embeddings-large'
  | 'rerank'
  | 'speech'
  | 'transcription'
  | 'image'
  | 'file'
  | 'batch'
  | 'video'
  | 'voice'
  | 'nowhere'

export interface CaseFault {
  fault: Fault
  /** Whether only requests with the bad keys meet the fault, or requests with any key. @default 'bad' */
  on?: 'bad' | 'any'
  /** How many times the fault is applied. Default: always. */
  times?: number
}

/**
 * What a client may observe of one request.
 *
 * `answer`: an upstream answer without a fault, byte for byte, once, and properly ended.
 * `passed-on`: the same for an answer with a fault that does not mislead the client.
 * `refusal`: an error status, with the required text.
 * `interrupted`: the beginning of an upstream answer, then a failure that clients notice: an event that SDKs raise, or a
 * broken connection. There is no end mark except the upstream's own.
 * `waiting`: no answer yet, because the target keeps the request until a key is free.
 */
export type ClientVerdict = 'answer' | 'passed-on' | 'refusal' | 'interrupted' | 'waiting'

/** The phase in which a client leaves. */
export type LeavingPhase =
  | 'uploading'
  | 'queued'
  | 'before-head'
  | 'before-output'
  | 'mid-stream'
  | 'mid-answer'
  | 'not-reading'

/** The expected states of bad and good keys, as a status endpoint reports them. */
export interface KeyStates {
  bad: readonly string[]
  good: readonly string[]
}

export interface Expectation {
  /** The accepted observations. Each request must match one of them. */
  client: readonly ClientVerdict[]
  /** The accepted statuses of a refusal. Default: any from 400. */
  status?: readonly number[]
  /** Text of the upstream that a refusal must repeat. */
  says?: string
  /** The most calls that one bad key may get in the whole case. */
  callsPerBadKey?: number
  /** The fewest and most calls to the upstream in the whole case. */
  calls?: readonly [least: number, most: number]
  /** The time after the end of the fault within which a request must be answered. */
  recoversWithinMs?: number
  /** The states of the keys. Checked only if the target has a status endpoint. */
  states?: KeyStates
}

/** A conformance case: the fault, the expected behaviour of a pool of keys, and the reason. */
export interface ConformanceCase {
  /** The unique id, `group.fault.pool`. */
  id: string
  group: CaseGroup
  pool: PoolShape
  question: QuestionName
  /** The number of requests, one after another. @default 1 */
  times?: number
  /** The number of simultaneous requests, each time. @default 1 */
  atOnce?: number
  faults: readonly CaseFault[]
  /** Settings of the simulator. */
  settings?: Partial<Settings>
  /** Whether the client stays or leaves. @default 'stays' */
  client?: 'stays' | { leaves: LeavingPhase }
  expect: Expectation
  /** The reason for the expectation. */
  why: string
}

/** Milliseconds within which the upstream connection must end after the client has left. */
export const closesWithinMs = 50

/** Returns the name of a pool shape, such as `2-1` for two keys, one of them bad. */
export function poolName({ keys, bad }: PoolShape): string {
  return `${keys}-${bad}`
}
