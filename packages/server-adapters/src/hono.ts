import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KeyPool } from '@sfpool/core'
import { createGateway, type Gateway, type GatewayOptions } from '@sfpool/gateway'
import { type Context, Hono } from 'hono'
import { bodyReadByHono } from './body-read-by-hono.js'
import { takeTurn } from './connection-turns.js'
import { isBodyRead, nodeExchange } from './node-exchange.js'
import { targetBelow } from './target-below.js'

/** What `@hono/node-server` puts into `c.env`. */
interface NodeBindings {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

/**
 * Makes a hono app that serves a pool. On Node it bypasses hono's request and response objects; on web runtimes it uses
 * them.
 *
 * @example
 * app.route('/llm', sfpool(pool))
 *
 * @throws ConfigError on a wrong option.
 */
export function sfpool(pool: KeyPool, options?: GatewayOptions): Hono {
  const gateway = createGateway(pool, options)
  return new Hono().all('*', (context) => {
    const { incoming, outgoing } = (context.env ?? {}) as Partial<NodeBindings>
    const isNode = incoming !== undefined && outgoing !== undefined
    return isNode ? serveNode(gateway, context, { incoming, outgoing }) : serveWeb(gateway, context)
  })
}

async function serveWeb(gateway: Gateway, { req }: Context): Promise<Response> {
  const target = targetBelow(mountOf(req), req.url)
  if (!req.raw.bodyUsed) return gateway.fetch(req.raw, target)
  const { bytes, headers } = await bodyReadByHono(req)
  const { url, method, signal } = req.raw
  return gateway.fetch(new Request(url, { method, headers, body: bytes, signal }), target)
}

function serveNode(
  gateway: Gateway,
  context: Context,
  { incoming, outgoing }: NodeBindings,
): Response | Promise<Response> {
  const target = targetBelow(mountOf(context.req), incoming.url ?? '/')
  // Headers that middleware of the app set before (cors, for one) would be lost with hono's response.
  for (const [name, value] of context.body(null).headers) outgoing.setHeader(name, value)
  if (!isBodyRead(incoming)) {
    takeTurn(incoming, outgoing, () => gateway.handle(nodeExchange(incoming, outgoing, { target })))
    return alreadySent()
  }
  return bodyReadByHono(context.req).then(({ bytes, headers }) => {
    takeTurn(incoming, outgoing, () =>
      gateway.handle({
        ...nodeExchange(incoming, outgoing, { target, body: bytes }),
        headers: [...headers].flat(),
      }),
    )
    return alreadySent()
  })
}

/** The pattern this app was mounted at, which ends in the `*` of its one route. */
function mountOf({ routePath }: Context['req']): string {
  return routePath.replace(/\/?\*$/, '')
}

/**
 * Makes the response by which `@hono/node-server` knows that the answer is sent without it. The server looks for a
 * header, but not in response objects of its own class, which it writes itself. Reading `body` turns such an object into
 * an ordinary one.
 */
function alreadySent(): Response {
  const response = new Response(null, { headers: { 'x-hono-already-sent': 'true' } })
  void response.body
  return response
}
