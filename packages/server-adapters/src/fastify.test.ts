import type { AddressInfo } from 'node:net'
import fastify, { type FastifyInstance } from 'fastify'
import { expect, it } from 'vitest'
import { sfpool } from './fastify.js'
import { adapterContract, type StartApp } from './testing/adapter-contract.js'
import { stage } from './testing/stage.js'

const start: StartApp = async ({ mounts, header }) => {
  const app = fastify()
  if (header !== undefined) {
    app.addHook('onRequest', async (_request, reply) => {
      reply.header(...header)
    })
  }
  app.get('/hello', async () => 'hello')
  app.post<{ Body: { text: string } }>('/echo', async ({ body }) => body.text)
  for (const { path, pool, options } of mounts) {
    app.register(sfpool(pool, options), path === '' ? {} : { prefix: path })
  }
  return running(app)
}

async function running(app: FastifyInstance) {
  await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    port: (app.server.address() as AddressInfo).port,
    close: async () => {
      app.server.closeAllConnections()
      await app.close()
    },
  }
}

adapterContract('fastify', start)

it('registers as it is, with the pool among the options', async () => {
  const at = await stage(
    async ({ mounts: [mount] }) => {
      if (mount === undefined) throw new Error('one mount is needed')
      const app = fastify()
      app.register(sfpool, { pool: mount.pool, prefix: '/:tenant/llm', clientKeys: ['client-key-one'] })
      return running(app)
    },
    { path: '/acme/llm' },
  )
  expect((await fetch(`${at.url}/v1/models`)).status).toBe(401)
  const answer = await fetch(`${at.url}/v1/models`, { headers: { 'x-api-key': 'client-key-one' } })
  expect(answer.status).toBe(200)
})
