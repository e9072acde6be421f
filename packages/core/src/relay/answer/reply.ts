import type { Outcome } from '../../outcome/outcome.js'
import { withErrorObject } from '../../provider/error-object.js'
import { decodeText } from '../../wire/decode-text.js'
import { headerValue } from '../../wire/headers.js'
import type { Sink } from '../client/sink.js'
import { jsonHeaders } from './body-headers.js'

/** A whole answer that is held back: the client gets it unless another attempt brings a better one. */
export interface Reply {
  readonly status: number
  /** A flat list, cleaned for the client. */
  readonly headers: readonly string[]
  readonly body: Buffer
}

/**
 * The reply for an error that an upstream reported under a status of success: inside a stream before any output, or as
 * a JSON answer. Under that status no client would recognise the error.
 */
export function replyToHiddenError(outcome: Outcome, data: string, headers: readonly string[]): Reply {
  const status = outcome.fault === 'caller' || outcome.fault === 'model' ? 400 : 503
  const body = Buffer.from(data)
  return { status, headers: jsonHeaders(headers, body.length), body }
}

/** Sends a held reply. An `error` object is added to an error body that lacks one, unless errors are passed through. */
export function sendReply(
  sink: Sink,
  reply: Reply,
  extra: readonly string[],
  errors: 'openai' | 'passthrough',
): void {
  const changed = errors === 'openai' ? withReadableError(reply) : undefined
  if (changed === undefined) {
    sink.head(reply.status, [...reply.headers, ...extra])
    return sink.end(reply.body)
  }
  const body = Buffer.from(changed)
  sink.head(reply.status, [...jsonHeaders(reply.headers, body.length), ...extra])
  sink.end(body)
}

/**
 * The body of an error with an `error` object; undefined when it has one, or cannot be read, or is nested so deep that it
 * cannot be written again: the client gets it as it is.
 */
function withReadableError({ status, headers, body }: Reply): string | undefined {
  // What is still coded is for the client to decode.
  if (status < 400 || headerValue(headers, 'content-encoding') !== undefined) return undefined
  try {
    return withErrorObject(decodeText(body, headerValue(headers, 'content-type')), status)
  } catch {
    return undefined
  }
}
