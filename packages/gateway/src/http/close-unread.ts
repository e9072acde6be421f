import { Readable } from 'node:stream'
import type { Exchange } from './exchange.js'
import type { IncomingRequest } from './incoming-request.js'

/** A body up to this size is let come: a new connection would cost the client more. */
const letCome = 64 * 1024

/** How to close the connection of a request that is refused unread; undefined when not much is still to come. */
export function closeUnread({ exchange, head }: IncomingRequest): Exchange['close'] {
  if (!(exchange.body instanceof Readable)) return undefined
  return (head.contentLength ?? Number.POSITIVE_INFINITY) > letCome ? exchange.close : undefined
}
