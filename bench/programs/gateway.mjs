// @ts-check
// Mounts the built packages as a user would; run `npm run build` first.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { KeyPool } from '@sfpool/core'
import { sqliteStore } from '@sfpool/core/sqlite'
import './report-live-heap.mjs'

const { mount, port, baseURL, clientKey, storePath, ...extra } = JSON.parse(process.argv[2] ?? '{}')

const keys = Array.from({ length: 50 }, (_, index) => `sk-fakebench${String(index).padStart(38, '0')}`)
const pool = new KeyPool({
  keys,
  baseURL,
  store: await sqliteStore({ path: storePath }),
  strategy: 'round-robin',
  ...extra.pool,
})
await pool.ready

/** @type {import('@sfpool/gateway').GatewayOptions} */
const options = { clientKeys: [clientKey], logger: 'info', ...extra.gateway }
const host = '127.0.0.1'

/** @type {Record<string, () => Promise<unknown>>} */
const mounts = {
  async node() {
    const { sfpool } = await import('@sfpool/server-adapters/node')
    createServer(sfpool(pool, options)).listen(port, host)
  },
  async fastify() {
    const { sfpool } = await import('@sfpool/server-adapters/fastify')
    const { fastify } = await import('fastify')
    const app = fastify()
    await app.register(sfpool(pool, options))
    await app.listen({ port, host })
  },
  async express() {
    const { sfpool } = await import('@sfpool/server-adapters/express')
    const { default: express } = await import('express')
    express().use(sfpool(pool, options)).listen(port, host)
  },
  async hono() {
    const { sfpool } = await import('@sfpool/server-adapters/hono')
    const { Hono } = await import('hono')
    const fromGateway = createRequire(new URL('../../packages/gateway/package.json', import.meta.url))
    /** @type {typeof import('@hono/node-server')} */
    const { serve } = fromGateway('@hono/node-server')
    serve({ fetch: new Hono().route('/', sfpool(pool, options)).fetch, port, hostname: host })
  },
}

await mounts[mount]?.()
// SIGTERM ends the process at once; a profile (`node --cpu-prof`) is written only on an orderly exit.
process.once('SIGTERM', () => process.exit(0))
