import { isForPerson, type KeyPoolError } from '../../errors.js'
import type { Sink } from '../client/sink.js'
import { jsonHeaders } from './body-headers.js'
import type { Reply } from './reply.js'

/**
 * An error of the pool as a reply in OpenAI's shape, with `Retry-After` where the time is known. OpenAI's SDKs try again
 * by themselves, unless they are told that it is no use. `kept` are headers of the answer that it replaces, and
 * `maxRetryAfterMs` is the longest wait that a client is told (0 for no such limit).
 */
export function replyOf(error: KeyPoolError, kept: readonly string[] = [], maxRetryAfterMs = 0): Reply {
  const { status, code, retryAfterMs } = error
  const body = Buffer.from(JSON.stringify(error.toBody()))
  const headers = jsonHeaders(kept, body.length)
  if (retryAfterMs !== undefined) {
    const toldMs = maxRetryAfterMs === 0 ? retryAfterMs : Math.min(retryAfterMs, maxRetryAfterMs)
    headers.push('retry-after', String(Math.ceil(toldMs / 1000)))
  }
  if (isForPerson(code)) headers.push('x-should-retry', 'false')
  return { status, headers, body }
}

/** Sends an error of the pool, with further headers. */
export function sendError(
  sink: Sink,
  error: KeyPoolError,
  extra: readonly string[],
  maxRetryAfterMs = 0,
): void {
  const { status, headers, body } = replyOf(error, [], maxRetryAfterMs)
  sink.head(status, [...headers, ...extra])
  sink.end(body)
}
