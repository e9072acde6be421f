import type { ErrorName } from '../errors/error-samples.js'
import type { ContentEncoding } from '../scenario/settings.js'

/** A place in an answer. `mid-body` is after `afterEvents` events of a stream, or in the middle of any other body. */
export type Place = 'before-headers' | 'after-headers' | 'mid-body'

/** The point at which an exchange is interrupted. */
export interface Position {
  /** At `upload`, the request's headers have arrived and its body is never read. Such a rule cannot name a model. */
  at: Place | 'upload'
  /** Only with `mid-body` and streams. @default 3 (the role and two pieces of text) */
  afterEvents?: number
  /** Only with `before-headers`: the call has run and was billed all the same. @default false */
  executed?: boolean
  /** Only with `mid-body` and streams: a part of the next event is also sent. */
  within?: Within
}

/** The point inside an event. `event`: half of the event; `character`: up to the inside of the first character that takes several bytes. */
export type Within = 'event' | 'character'

/** Answers with a named error of the platform. `status` replaces its status, for instance by 200. */
export interface ErrorFault {
  kind: 'error'
  name: ErrorName
  status?: number
  /** Answers before the request's body is read. Such a rule cannot name a model. */
  at?: 'upload'
}

/** Answers with any given reply. A string is sent unchanged, any other body as JSON. */
export interface AnswerFault {
  kind: 'answer'
  status: number
  headers?: Readonly<Record<string, string>>
  body?: unknown
  /** Answers before the request's body is read. Such a rule cannot name a model. */
  at?: 'upload'
}

/** The site refuses connections until the rule is removed. The rule may select by site only. */
export interface RefuseFault {
  kind: 'refuse'
}

/** Resets the TCP connection. At `connect`, the site accepts and resets at once; such a rule may select by site only. */
export interface ResetFault extends Omit<Position, 'at'> {
  kind: 'reset'
  at: Position['at'] | 'connect'
}

/** Closes the TCP connection in the orderly way, without sending anything more. */
export interface CloseFault extends Position {
  kind: 'close'
}

/** Sends nothing more and keeps the connection open until the client leaves. */
export interface HangFault extends Position {
  kind: 'hang'
}

/** Ends the body properly for HTTP but incomplete: half of a JSON text, or a stream without `[DONE]`. */
export interface TruncateFault {
  kind: 'truncate'
  /** How many events of a stream are sent. Default: all except the terminator; 3 with `within`. */
  afterEvents?: number
  /** Only for streams: a part of the next event is also sent. */
  within?: Within
}

/** Sends the named error as an event of a stream. A JSON reply becomes the error's body with status 200. */
export interface ErrorEventFault {
  kind: 'error-event'
  name: ErrorName
  /** The number of events before the error; 0 and 1 (the role) are before any output. @default 3 */
  afterEvents?: number
  /** `bare`: the error's own body; `wrapped`: inside `{"error": …}`. @default 'bare' */
  shape?: 'bare' | 'wrapped'
  /** How the stream ends after the error: properly with or without `[DONE]`, or cut off. @default 'end' */
  ending?: 'end' | 'done' | 'close'
}

/** Answers with status 200 and no content. Only for chat, messages and completions; others are served normally. */
export interface EmptyReplyFault {
  kind: 'empty-reply'
  /**
   * `content`: empty text and `stop`; `choices`: `choices: []`; `reasoning`: all text is in the chain of thought;
   * `role`: the stream is cut after its role-only chunk.
   */
  reply: 'content' | 'choices' | 'reasoning' | 'role'
}

/** Accepts a video, which later fails and is not billed. Only for `/video/submit`; others are served normally. */
export interface FailedVideoFault {
  kind: 'failed-video'
  /** @default 'Video generation failed.' */
  reason?: string
}

/** Delays the answer: a slow first byte, or a pause in the middle. */
export interface DelayFault extends Omit<Position, 'at' | 'executed' | 'within'> {
  kind: 'delay'
  at: Place
  ms: number
}

/** Cuts the body into HTTP chunks at awkward places. */
export interface ChunksFault {
  kind: 'chunks'
  /** `utf8`: inside the first multi-byte character of every piece; `bytes`: every byte alone; `random`: anywhere. */
  cut: 'utf8' | 'bytes' | 'random'
}

/** Compresses the answer, whether the client accepts it or not. */
export interface CompressFault {
  kind: 'compress'
  encoding: ContentEncoding
}

/** Adds response headers, such as `set-cookie` or `retry-after`. */
export interface HeadersFault {
  kind: 'headers'
  headers: Readonly<Record<string, string>>
}

/** A fault that decides the outcome of a request. Of all matching rules, the first added is applied. */
export type OutcomeFault =
  | ErrorFault
  | AnswerFault
  | RefuseFault
  | ResetFault
  | CloseFault
  | HangFault
  | TruncateFault
  | ErrorEventFault
  | EmptyReplyFault
  | FailedVideoFault

/** A fault that changes how an answer is transported. All matching rules are applied. */
export type ModifierFault = DelayFault | ChunksFault | CompressFault | HeadersFault

export type Fault = OutcomeFault | ModifierFault

export function isModifier(fault: Fault): fault is ModifierFault {
  const { kind } = fault
  return kind === 'delay' || kind === 'chunks' || kind === 'compress' || kind === 'headers'
}

/** When a fault is applied: on the connection, before the request's body is read, or after that. */
export type FaultPhase = 'connect' | 'upload' | 'answer'

export function phaseOf(fault: Fault): FaultPhase {
  switch (fault.kind) {
    case 'refuse':
      return 'connect'
    case 'error':
    case 'answer':
      return fault.at ?? 'answer'
    case 'reset':
    case 'close':
    case 'hang':
      return fault.at === 'connect' || fault.at === 'upload' ? fault.at : 'answer'
    default:
      return 'answer'
  }
}
