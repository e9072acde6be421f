import type { KeyPoolError } from '../../errors.js'
import { jsonHeaders } from './body-headers.js'
import type { Reply } from './reply.js'

/** An error of the pool as a reply, with `Retry-After` where the time is known. It keeps headers of the answer it replaces. */
export function replyOf(error: KeyPoolError, kept: readonly string[] = []): Reply {
  const { status, retryAfterMs } = error
  const body = Buffer.from(JSON.stringify(error.toBody()))
  const headers = jsonHeaders(kept, body.length)
  if (retryAfterMs !== undefined) headers.push('retry-after', String(Math.ceil(retryAfterMs / 1000)))
  return { status, headers, body }
}
