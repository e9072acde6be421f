import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { describe, expect, it } from 'vitest'
import { sfpool } from './hono.js'
import { adapterContract } from './testing/adapter-contract.js'
import type { AppPlan, StartApp } from './testing/app.js'
import { chat, onlyRequest, stage } from './testing/stage.js'

function appOf({ mounts, parsesBodies, header }: AppPlan): Hono {
  const app = new Hono()
  if (header !== undefined) {
    app.use(async (context, next) => {
      context.header(...header)
      await next()
    })
  }
  if (parsesBodies === true) {
    app.use(async ({ req }, next) => {
      const type = req.header('content-type') ?? ''
      if (type.includes('json')) await req.json()
      else if (type.includes('urlencoded')) await req.arrayBuffer()
      else if (type.includes('text')) await req.text()
      else await req.blob()
      await next()
    })
  }
  app.get('/hello', ({ text }) => text('hello'))
  app.post('/echo', async ({ req, text }) => text((await req.json<{ text: string }>()).text))
  for (const { path, pool, options } of mounts) app.route(path === '' ? '/' : path, sfpool(pool, options))
  return app
}

const start: StartApp = async (plan) => {
  const server = serve({ fetch: appOf(plan).fetch, port: 0, hostname: '127.0.0.1' }) as Server
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

adapterContract('hono', start)

describe('hono on Node', () => {
  it('hono on Node keeps the headers that cors middleware of the app set', async () => {
    const at = await stage(async ({ mounts: [mount] }) => {
      if (mount === undefined) throw new Error('one mount is needed')
      const app = new Hono().use(cors({ origin: 'https://app.example' })).route('/', sfpool(mount.pool))
      const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
      await new Promise((resolve) => server.once('listening', resolve))
      return {
        port: (server.address() as AddressInfo).port,
        close: async () => {
          server.close()
          server.closeAllConnections()
        },
      }
    })
    const answer = await fetch(`${at.url}/v1/models`, { headers: { origin: 'https://app.example' } })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(await answer.json()).toMatchObject({ object: 'list' })
  })
})

describe('hono on a web runtime', () => {
  const web = async (plan: Partial<AppPlan> = {}) => {
    let app = new Hono()
    const at = await stage(
      async (given) => {
        app = appOf(given)
        return { port: 0, close: async () => {} }
      },
      { path: '/llm', plan },
    )
    return { at, ask: (path: string, init?: RequestInit) => app.request(`http://app.example${path}`, init) }
  }

  it('hono on a web runtime serves the proxy route and the own routes below the mount', async () => {
    const { at, ask } = await web()
    const answer = await ask('/llm/v1/chat/completions?x=1', chat({ stream: true }))
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('[DONE]')
    expect(onlyRequest(at)).toMatchObject({ path: '/v1/chat/completions', query: 'x=1' })
    expect((await ask('/llm/healthz')).status).toBe(200)
    expect((await ask('/llm')).status).toBe(200)
    expect((await ask('/other')).status).toBe(404)
  })

  it('hono on a web runtime sends on a body that the app has read', async () => {
    const { at, ask } = await web()
    const app = new Hono()
    app.use(async ({ req }, next) => {
      await req.formData()
      await next()
    })
    app.route('/llm', sfpool(at.pool))
    const form = new FormData()
    form.set('model', 'some/model')
    form.set('file', new Blob([Buffer.from([0, 255, 1])]), 'a.bin')
    await app.request('http://app.example/llm/v1/audio/transcriptions', { method: 'POST', body: form })
    const sent = await new Response(Buffer.from(onlyRequest(at).body), {
      headers: { 'content-type': onlyRequest(at).headers['content-type'] ?? '' },
    }).formData()
    expect(sent.get('model')).toBe('some/model')
    expect(await (sent.get('file') as File).arrayBuffer()).toEqual(new Uint8Array([0, 255, 1]).buffer)
    expect((await ask('/llm/healthz')).status).toBe(200)
  })
})
