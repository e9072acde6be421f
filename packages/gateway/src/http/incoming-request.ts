import type { Exchange } from './exchange.js'
import type { GatewaySink } from './gateway-sink.js'
import type { RequestHead } from './request-head.js'

/** A request on its way through the gateway: the exchange, and what the gateway reads from it on arrival. */
export interface IncomingRequest {
  readonly exchange: Exchange
  readonly head: RequestHead
  readonly requestId: string
  /** Path and query below the base path. */
  readonly path: string
  readonly sink: GatewaySink
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number
}
