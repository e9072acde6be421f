import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve as serveHono } from '@hono/node-server'
import { KeyPool } from '@sfpool/core'
import { sfpool as expressMount } from '@sfpool/server-adapters/express'
import { sfpool as fastifyMount } from '@sfpool/server-adapters/fastify'
import { sfpool as honoMount } from '@sfpool/server-adapters/hono'
import { sfpool as nodeMount } from '@sfpool/server-adapters/node'
import express from 'express'
import { fastify } from 'fastify'
import { Hono } from 'hono'
import { type Endpoint, sdkContract } from './sdk-contract.js'

const options = { clientKeys: ['client-key'] }

/** Mounts a pool under `/llm` of an app; `listen` starts the app's server. */
const mounted =
  (listen: (pool: KeyPool) => Promise<Server>) =>
  async (upstream: string, keys: string[]): Promise<Endpoint> => {
    const pool = new KeyPool({ keys, baseURL: upstream })
    const server = await listen(pool)
    const { port } = server.address() as AddressInfo
    return {
      baseURL: `http://127.0.0.1:${port}/llm/v1`,
      async close() {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
        await pool.close()
      },
    }
  }

const listening = (listener: RequestListener): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer(listener).listen(0, '127.0.0.1', () => resolve(server))
  })

sdkContract(
  'the node mount',
  mounted((pool) => listening(nodeMount(pool, { ...options, basePath: '/llm' }))),
)

sdkContract(
  'the express mount',
  mounted((pool) => listening(express().use('/llm', expressMount(pool, options)))),
)

sdkContract(
  'the fastify mount',
  mounted(async (pool) => {
    const app = fastify()
    await app.register(fastifyMount, { pool, prefix: '/llm', ...options })
    await app.listen({ port: 0, host: '127.0.0.1' })
    return app.server
  }),
)

sdkContract(
  'the hono mount',
  mounted(
    (pool) =>
      new Promise((resolve) => {
        const { fetch } = new Hono().route('/llm', honoMount(pool, options))
        const server = serveHono({ fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(server as Server))
      }),
  ),
)
