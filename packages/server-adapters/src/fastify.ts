import { Readable } from 'node:stream'
import type { KeyPool } from '@sfpool/core'
import { createGateway, type Gateway, type GatewayOptions } from '@sfpool/gateway'
import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify'
import { takeTurn } from './connection-turns.js'
import { nodeExchange } from './node-exchange.js'
import { targetBelow } from './target-below.js'

/** Options of `app.register(sfpool, options)`: the pool and the gateway's options, beside fastify's own. */
export interface SfpoolPluginOptions extends GatewayOptions {
  readonly pool: KeyPool
  /** Fastify's own option: the path that the pool is mounted at. */
  readonly prefix?: string
}

/**
 * Serves a pool below a path of a fastify app, as a plugin.
 *
 * @example
 * app.register(sfpool, { pool, prefix: '/llm' })
 * app.register(sfpool(pool, { maxBody: 1_000_000 }), { prefix: '/llm' })
 *
 * @throws ConfigError on a wrong option.
 */
export function sfpool(pool: KeyPool, options?: GatewayOptions): FastifyPluginCallback
export function sfpool(
  app: FastifyInstance,
  options: SfpoolPluginOptions,
  done: (error?: Error) => void,
): void
export function sfpool(
  first: KeyPool | FastifyInstance,
  options: GatewayOptions | SfpoolPluginOptions = {},
  done?: (error?: Error) => void,
): FastifyPluginCallback | undefined {
  if (!('register' in first)) return plugin(createGateway(first, options))
  // Fastify passes its own options along, which the gateway would refuse as unknown.
  const {
    pool,
    prefix: _,
    logLevel: __,
    logSerializers: ___,
    ...rest
  } = options as SfpoolPluginOptions & Record<'logLevel' | 'logSerializers', unknown>
  plugin(createGateway(pool, rest))(first, {}, done ?? (() => {}))
  return undefined
}

function plugin(gateway: Gateway): FastifyPluginCallback {
  return (app, _options, done) => {
    // Bodies are passed on as they come; the app's own parsers stay outside this plugin.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload))
    const handler = (request: FastifyRequest, reply: FastifyReply): void => serve(gateway, request, reply)
    const method = app.supportedMethods
    app.route({ method, url: '/*', exposeHeadRoute: false, handler })
    if (app.prefix !== '') app.route({ method, url: '/', exposeHeadRoute: false, handler })
    app.addHook('onClose', () => gateway.close())
    done()
  }
}

function serve(gateway: Gateway, request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack()
  // Headers that hooks of the app set (cors, helmet) would be lost with the reply.
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value)
  }
  const target = targetBelow(request.server.prefix, request.raw.url ?? '/')
  const { body } = request
  const mounting = { target, ...(body instanceof Readable ? { body } : {}) }
  takeTurn(request.raw, reply.raw, () => gateway.handle(nodeExchange(request.raw, reply.raw, mounting)))
}
