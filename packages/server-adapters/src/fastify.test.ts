import type { AddressInfo } from 'node:net'
import { Transform, type TransformCallback } from 'node:stream'
import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it, vi } from 'vitest'
import { sfpool } from './fastify.js'
import { adapterContract } from './testing/adapter-contract.js'
import type { StartApp } from './testing/app.js'
import { rawClient } from './testing/raw-client.js'
import { chat, onlyRequest, stage } from './testing/stage.js'

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

it('the fastify plugin registers without a call, with the pool among its options', async () => {
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

describe('fastify', () => {
  const startWith = (prepare: (app: FastifyInstance) => void) =>
    stage(
      async ({ mounts: [mount] }) => {
        if (mount === undefined) throw new Error('one mount is needed')
        const app = fastify()
        prepare(app)
        app.register(sfpool(mount.pool), { prefix: '/llm' })
        return running(app)
      },
      { path: '/llm' },
    )

  it('fastify runs the hooks of the app before the pool, so that access rules of the app hold', async () => {
    const at = await startWith((app) => {
      app.addHook('preHandler', async (request, reply) => {
        if (request.headers['x-pass'] !== 'yes') await reply.code(403).send('the app says no')
      })
    })
    expect((await fetch(`${at.url}/v1/models`)).status).toBe(403)
    expect((await fetch(`${at.url}/v1/chat/completions`, chat())).status).toBe(403)
    expect(at.sim.requests).toHaveLength(0)
    expect((await fetch(`${at.url}/v1/models`, { headers: { 'x-pass': 'yes' } })).status).toBe(200)
  })

  it('the fastify plugin sends on what a hook of the app made of the body', async () => {
    const at = await startWith((app) => {
      app.addHook('preParsing', async (_request, _reply, payload) => payload.pipe(new UpperCase()))
    })
    await fetch(`${at.url}/v1/anything`, { method: 'POST', body: 'quiet' })
    expect(String(onlyRequest(at).body)).toBe('QUIET')
  })

  it('the fastify plugin makes no upstream call when the client leaves while a hook works on its body', async () => {
    const bodies: UpperCase[] = []
    const at = await startWith((app) => {
      app.addHook('preParsing', async (_request, _reply, payload) => {
        const body = payload.pipe(new UpperCase())
        bodies.push(body)
        return body
      })
    })
    const client = await rawClient(at.app.port)
    client.send('POST /llm/v1/anything HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nquiet')
    await vi.waitFor(() => expect(bodies[0]?.listenerCount('data')).toBeGreaterThan(0), { timeout: 60_000 })
    client.socket.resetAndDestroy()
    await vi.waitFor(() => expect(bodies[0]?.destroyed).toBe(true), { timeout: 60_000 })
    expect(at.sim.requests).toHaveLength(0)
  })

  it('fastify refuses an invalid content type, as it does on every route', async () => {
    const at = await startWith(() => {})
    const init = { method: 'POST', headers: { 'content-type': 'garbage' }, body: 'x' }
    expect((await fetch(`${at.url}/v1/anything`, init)).status).toBe(415)
  })
})

class UpperCase extends Transform {
  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    done(null, chunk.toString().toUpperCase())
  }
}
