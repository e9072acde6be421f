import type { Sink } from '@sfpool/core'
import type { Exchange } from './exchange.js'
import type { RequestHead } from './request-head.js'

/** A request on its way through the gateway: the exchange, and what was found out about it at the door. */
export interface Inbound {
  readonly exchange: Exchange
  readonly head: RequestHead
  readonly requestId: string
  /** Path and query below the base path. */
  readonly path: string
  /** The exchange's sink behind our policy for web pages. */
  readonly sink: Sink
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number
}
