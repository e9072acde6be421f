import type { ErrorName } from '../errors/error-samples.js'
import type { ContentEncoding } from '../scenario/settings.js'

/** A place in an answer. `mid-body` is after `afterEvents` events of a stream, or half-way through any other body. */
export type Place = 'before-headers' | 'after-headers' | 'mid-body'

/** Where an exchange is interrupted. */
export interface Position {
  /** At `upload`, the headers of the request have come and its body is never read; such a rule names no model. */
  at: Place | 'upload'
  /** Only with `mid-body` and streams. @default 3 (the role and two pieces of text) */
  afterEvents?: number
  /** Only with `before-headers`: the call has run and been billed all the same. @default false */
  executed?: boolean
  /** Only with `mid-body` and streams: a part of the next event is sent too. */
  within?: Within
}

/** `event`: half of the event; `character`: up to the inside of the first character that takes several bytes. */
export type Within = 'event' | 'character'

/** The named error of the platform; `status` overrides its status, for instance with 200. */
export interface ErrorFault {
  kind: 'error'
  name: ErrorName
  status?: number
  /** Answers before the request's body has been read; such a rule names no model. */
  at?: 'upload'
}

/** Any answer. A string is sent as it is, anything else as JSON. */
export interface AnswerFault {
  kind: 'answer'
  status: number
  headers?: Readonly<Record<string, string>>
  body?: unknown
  /** Answers before the request's body has been read; such a rule names no model. */
  at?: 'upload'
}

/** The site listens no more: connections are refused. Goes by site only, and lasts until the rule is removed. */
export interface RefuseFault {
  kind: 'refuse'
}

/** TCP reset. At `connect`, the site accepts and resets at once; such a rule goes by site only. */
export interface ResetFault extends Omit<Position, 'at'> {
  kind: 'reset'
  at: Position['at'] | 'connect'
}

/** The connection ends without a word more, in the orderly TCP way. */
export interface CloseFault extends Position {
  kind: 'close'
}

/** Nothing more is sent, and the connection stays open until the client leaves. */
export interface HangFault extends Position {
  kind: 'hang'
}

/** The body ends properly for HTTP but not for its reader: half of a JSON text, or a stream without `[DONE]`. */
export interface TruncateFault {
  kind: 'truncate'
  /** How many events of a stream are sent. Default: all but the terminator; 3 with `within`. */
  afterEvents?: number
  /** Only streams: a part of the next event is sent too. */
  within?: Within
}

/** The named error as an event of a stream; a JSON reply becomes the error's body with status 200. */
export interface ErrorEventFault {
  kind: 'error-event'
  name: ErrorName
  /** Events before it: 0 and 1 (the role) are before output. @default 3 */
  afterEvents?: number
  /** `bare`: the error's own body; `wrapped`: inside `{"error": …}`. @default 'bare' */
  shape?: 'bare' | 'wrapped'
  /** How the stream ends after it: properly with or without `[DONE]`, or cut. @default 'end' */
  ending?: 'end' | 'done' | 'close'
}

/** An answer that says nothing, with status 200. Only chat, messages and completions; others are served normally. */
export interface EmptyReplyFault {
  kind: 'empty-reply'
  /**
   * `content`: empty text and `stop`; `choices`: `choices: []`; `reasoning`: all the text in the chain of thought;
   * `role`: a stream is cut after its role-only chunk.
   */
  reply: 'content' | 'choices' | 'reasoning' | 'role'
}

/** A video that is accepted and fails when its time has come, unbilled. Only `/video/submit`; others are served normally. */
export interface FailedVideoFault {
  kind: 'failed-video'
  /** @default 'Video generation failed.' */
  reason?: string
}

/** A wait: a slow first byte, or a pause in the middle. */
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

/** Compresses, asked or not. */
export interface CompressFault {
  kind: 'compress'
  encoding: ContentEncoding
}

/** Adds response headers, such as `set-cookie` or `retry-after`. */
export interface HeadersFault {
  kind: 'headers'
  headers: Readonly<Record<string, string>>
}

/** Decides what becomes of a request; of all that match, the first added is applied. */
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

/** Changes how an answer travels; all that match are applied. */
export type ModifierFault = DelayFault | ChunksFault | CompressFault | HeadersFault

export type Fault = OutcomeFault | ModifierFault

export function isModifier(fault: Fault): fault is ModifierFault {
  const { kind } = fault
  return kind === 'delay' || kind === 'chunks' || kind === 'compress' || kind === 'headers'
}

/** When a fault is applied: on the connection, before the request's body has been read, or after. */
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
