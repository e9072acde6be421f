import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KeyPool } from '@sfpool/core'
import { createGateway, type GatewayOptions } from '@sfpool/gateway'
import { takeTurn } from './connection-turns.js'
import { nodeExchange } from './node-exchange.js'

/** Middleware for express 4 and 5, and for other frameworks that take such middleware. */
export interface ExpressHandler {
  (request: IncomingMessage, response: ServerResponse): void
  /** Writes what the request log still holds. The pool stays open. */
  readonly close: () => Promise<void>
}

/**
 * Serves a pool below a path of an express app. It answers everything below that path, so mount it after routes of
 * your own there, and best before body parsers.
 *
 * @example
 * app.use('/llm', sfpool(pool))
 *
 * @throws ConfigError on a wrong option.
 */
export function sfpool(pool: KeyPool, options?: GatewayOptions): ExpressHandler {
  const gateway = createGateway(pool, options)
  // Express has already removed the mount's path from `request.url`.
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    takeTurn(request, response, () => gateway.handle(nodeExchange(request, response)))
  }
  return Object.assign(handler, { close: () => gateway.close() })
}
