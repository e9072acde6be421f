import type { KeyPoolError } from '../../errors.js'
import type { Outcome } from '../../outcome/outcome.js'
import { withErrorObject } from '../../provider/error-object.js'
import { headerValue } from '../../wire/headers.js'
import type { Sink } from '../client/sink.js'

/** An answer held back whole: what the client gets if nobody gives a better one. */
export interface Reply {
  readonly status: number
  /** Flat list, ready for the client. */
  readonly headers: readonly string[]
  readonly body: Buffer
}

/**
 * The reply for an upstream that reported an error under a status of success: inside a stream before any output, or as
 * a JSON answer. With that status no client would take it for an error.
 */
export function replyToHiddenError(outcome: Outcome, data: string, headers: readonly string[]): Reply {
  const status = outcome.fault === 'caller' || outcome.fault === 'model' ? 400 : 503
  const body = Buffer.from(data)
  return { status, headers: asJson(headers, body.length), body }
}

/** Sends a held reply, with an `error` object added to error bodies that lack one unless told to pass them on. */
export function sendReply(
  sink: Sink,
  reply: Reply,
  extra: readonly string[],
  errors: 'openai' | 'passthrough',
): void {
  const changed =
    reply.status >= 400 && errors === 'openai'
      ? withErrorObject(reply.body.toString(), reply.status)
      : undefined
  if (changed === undefined) {
    sink.head(reply.status, [...reply.headers, ...extra])
    return sink.end(reply.body)
  }
  const body = Buffer.from(changed)
  sink.head(reply.status, [...asJson(reply.headers, body.length), ...extra])
  sink.end(body)
}

/** Sends an error of ours in OpenAI's shape, with `Retry-After` where it is known. */
export function sendError(sink: Sink, error: KeyPoolError, extra: readonly string[]): void {
  const body = Buffer.from(JSON.stringify(error.toBody()))
  const headers = ['content-type', 'application/json', 'content-length', String(body.length)]
  if (error.retryAfterMs !== undefined)
    headers.push('retry-after', String(Math.ceil(error.retryAfterMs / 1000)))
  sink.head(error.status, [...headers, ...extra])
  sink.end(body)
}

/** The headers with length and type of another body. */
export function asJson(headers: readonly string[], length: number): string[] {
  const kept: string[] = ['content-length', String(length)]
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] as string
    if (name !== 'content-length' && name !== 'content-type') kept.push(name, headers[at + 1] as string)
  }
  kept.push('content-type', 'application/json')
  return kept
}

/**
 * The headers without the length of the body: to a stream of events some may be added (an error, a heartbeat), or
 * taken away, or cut anew.
 */
export function withoutLength(headers: readonly string[]): readonly string[] {
  if (headerValue(headers, 'content-length') === undefined) return headers
  const at = headers.findIndex((name, index) => index % 2 === 0 && name === 'content-length')
  return headers.toSpliced(at, 2)
}

/** The headers of the same answer as a stream of events. */
export function asStream(headers: readonly string[]): string[] {
  const kept: string[] = []
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] as string
    if (!ofStreams.has(name) && name !== 'content-length') kept.push(name, headers[at + 1] as string)
  }
  return [...kept, ...streamHeaders]
}

/** What tells clients, and proxies on the way to them, that events come one by one. */
export const streamHeaders: readonly string[] = [
  'content-type',
  'text/event-stream',
  'cache-control',
  'no-cache',
  'x-accel-buffering',
  'no',
]

const ofStreams: ReadonlySet<string> = new Set(['content-type', 'cache-control', 'x-accel-buffering'])
