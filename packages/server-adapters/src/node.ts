import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type KeyPool, systemRuntime } from '@sfpool/core'
import { createGateway, type Gateway, type GatewayOptions } from '@sfpool/gateway'
import { takeTurn } from './connection-turns.js'
import { endSoon } from './end-soon.js'
import { nodeExchange } from './node-exchange.js'

/** A request listener for `node:http`. */
export interface NodeHandler {
  (request: IncomingMessage, response: ServerResponse): void
  /**
   * A listener for the server's `checkContinue` event. A client that sent `Expect: 100-continue` gets its go-ahead only
   * if its key is accepted and its body is not too large.
   */
  readonly checkContinue: (request: IncomingMessage, response: ServerResponse) => void
  /**
   * A listener for the server's `connect` event, which refuses the CONNECT method with 405. Without it, node closes the
   * connection of such a request unanswered.
   */
  readonly connect: (request: IncomingMessage, socket: Duplex) => void
  /** The gateway that serves. */
  readonly gateway: Gateway
  /** Writes what the request log still holds. The pool stays open. */
  readonly close: () => Promise<void>
}

/**
 * Serves a pool with `node:http`.
 *
 * @example
 * const handler = sfpool(pool, { clientKeys: ['a-key-for-clients'] })
 * createServer(handler)
 *   .on('checkContinue', handler.checkContinue)
 *   .on('connect', handler.connect)
 *   .listen(3838, '127.0.0.1')
 *
 * @throws ConfigError on a wrong option.
 */
export function sfpool(pool: KeyPool, options?: GatewayOptions): NodeHandler {
  const gateway = createGateway(pool, options)
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    takeTurn(request, response, () => gateway.handle(nodeExchange(request, response)))
  }
  return Object.assign(handler, {
    checkContinue: (request: IncomingMessage, response: ServerResponse): void => {
      const onRead = (): void => response.writeContinue()
      takeTurn(request, response, () => gateway.handle(nodeExchange(request, response, { onRead })))
    },
    connect: (request: IncomingMessage, socket: Duplex): void => {
      // Node gives such a request no response. This one writes to the socket in its place.
      const response = new ServerResponse(request)
      socket.on('error', () => socket.destroy())
      response.shouldKeepAlive = false
      response.assignSocket(socket as Socket)
      response.on('finish', () => endSoon(socket, systemRuntime))
      gateway.handle(nodeExchange(request, response, { body: null }))
    },
    gateway,
    close: () => gateway.close(),
  })
}
