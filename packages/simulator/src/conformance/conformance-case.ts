import type { Fault } from '../faults/fault.js'
import type { Settings } from '../scenario/settings.js'

/** What a case is about. */
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

/** How many keys the target gets, and how many of them, the first ones, meet the fault. */
export interface PoolShape {
  keys: number
  bad: number
}

/** A request that clients make; see `questions.ts`. */
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
  /** Requests under the bad keys, or requests under any key. @default 'bad' */
  on?: 'bad' | 'any'
  /** How often. Default: for ever. */
  times?: number
}

/**
 * What a client may see of one request.
 *
 * `answer`: what an upstream answered without a fault, byte for byte, once, and ended as HTTP ends.
 * `passed-on`: the same for an answer that a fault has touched; whoever reads it is not misled.
 * `refusal`: the status of an error, and the words that are wanted.
 * `interrupted`: the beginning of an upstream's answer, then a failure that clients notice: an event that SDKs raise,
 * or a connection that breaks. No end mark but the upstream's.
 * `waiting`: nothing yet, because the target keeps the request until a key is free.
 */
export type ClientVerdict = 'answer' | 'passed-on' | 'refusal' | 'interrupted' | 'waiting'

/** When a client leaves. */
export type LeavingPhase =
  | 'uploading'
  | 'queued'
  | 'before-head'
  | 'before-output'
  | 'mid-stream'
  | 'mid-answer'
  | 'not-reading'

/** How a key stands, as a status endpoint tells. */
export interface KeyStates {
  bad: readonly string[]
  good: readonly string[]
}

export interface Expectation {
  /** Any of these will do, for each of the requests. */
  client: readonly ClientVerdict[]
  /** Of a refusal. Default: any from 400. */
  status?: readonly number[]
  /** Words of the upstream that a refusal repeats. */
  says?: string
  /** Most calls that one bad key may get in the whole case. */
  callsPerBadKey?: number
  /** Least and most calls to the upstream in the whole case. */
  calls?: readonly [least: number, most: number]
  /** Within this time after the fault is over, a request is answered. */
  recoversWithinMs?: number
  /** Only where the target has a status endpoint. */
  states?: KeyStates
}

/** One case: what goes wrong, what a pool of keys should make of it, and why. */
export interface ConformanceCase {
  /** `group.fault.pool`, unique. */
  id: string
  group: CaseGroup
  pool: PoolShape
  question: QuestionName
  /** Requests, one after another. @default 1 */
  times?: number
  /** Requests made at once, each of those times. @default 1 */
  atOnce?: number
  faults: readonly CaseFault[]
  /** Of the simulator. */
  settings?: Partial<Settings>
  /** @default 'stays' */
  client?: 'stays' | { leaves: LeavingPhase }
  expect: Expectation
  /** One sentence: why this is right. */
  why: string
}

/** Milliseconds from the client's leaving to the end of the upstream's connection. */
export const closesWithinMs = 50

/** `2-1`: two keys, one of them bad. */
export function poolName({ keys, bad }: PoolShape): string {
  return `${keys}-${bad}`
}
