import { once } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import { connect } from 'node:net'
import { buffer, json } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { sfpool } from './node.js'
import { adapterContract } from './testing/adapter-contract.js'
import type { StartApp } from './testing/app.js'
import { listening } from './testing/listening.js'
import { rawClient } from './testing/raw-client.js'
import { stage } from './testing/stage.js'

const start: StartApp = ({ mounts, parsesBodies, header }) => {
  const handlers = mounts.map(({ path, pool, options }) => ({
    path,
    handler: sfpool(pool, path === '' ? options : { ...options, basePath: path }),
  }))
  return listening(async (request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    if (header !== undefined) response.setHeader(...header)
    if (path === '/hello') return response.end('hello')
    if (path === '/echo') return response.end(((await json(request)) as { text: string }).text)
    if (parsesBodies === true) Object.assign(request, { body: parsed(request, await buffer(request)) })
    const mount = handlers.find(
      (one) => one.path === '' || path === one.path || path.startsWith(`${one.path}/`),
    )
    if (mount === undefined) return response.writeHead(404).end()
    mount.handler(request, response)
  })
}

/** Parses a body as the usual parsers for connect and express do. */
function parsed({ headers }: IncomingMessage, body: Buffer): unknown {
  const type = headers['content-type'] ?? ''
  if (type.includes('json')) return JSON.parse(body.toString())
  if (type.includes('urlencoded')) return Object.fromEntries(new URLSearchParams(body.toString()))
  return type.includes('text') ? body.toString() : body
}

adapterContract('node', start)

it('a client that sends Expect: 100-continue gets its go-ahead only when its request is accepted', async () => {
  const at = await stage(
    async ({ mounts: [mount] }) => {
      if (mount === undefined) throw new Error('one mount is needed')
      const handler = sfpool(mount.pool, mount.options)
      const app = await listening(handler)
      app.server.on('checkContinue', handler.checkContinue)
      return app
    },
    { gateway: { clientKeys: ['client-key-one'], maxBody: 100 } },
  )
  const ask = async (headers: string): Promise<string> => {
    const client = await rawClient(at.app.port)
    client.send(`POST /v1/anything HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n${headers}\r\n\r\n`)
    const first = await client.until(/\r\n\r\n/)
    if (first.includes('100 Continue')) client.send('body')
    return client.until(/HTTP\/1\.1 [2-5]/)
  }
  expect(await ask('content-length: 4')).toMatch(/^HTTP\/1\.1 401 /)
  expect(await ask('content-length: 400\r\nx-api-key: client-key-one')).toMatch(/^HTTP\/1\.1 413 /)
  expect(at.sim.requests).toHaveLength(0)
  expect(await ask('content-length: 4\r\nx-api-key: client-key-one')).toMatch(
    /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 404 /,
  )
})

it('CONNECT is refused with 405 where the server listens for it, and the connection ends', async () => {
  const at = await stage(async ({ mounts: [mount] }) => {
    if (mount === undefined) throw new Error('one mount is needed')
    const handler = sfpool(mount.pool, mount.options)
    const app = await listening(handler)
    app.server.on('connect', handler.connect)
    return app
  })
  for (const target of ['upstream.example:443', '127.0.0.1:1', 'a']) {
    const client = await rawClient(at.app.port)
    client.send(`CONNECT ${target} HTTP/1.1\r\nhost: a\r\n\r\n`)
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 405 .*\r\nallow: .*"method_not_allowed"/s)
  }
  const leaving = await rawClient(at.app.port)
  leaving.send('CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n')
  leaving.socket.resetAndDestroy()
  expect((await fetch(`${at.url}/v1/models`)).status).toBe(200)
  expect(at.sim.requests).toHaveLength(1)
})

it('CONNECT ends the connection of a client that keeps its side open', async () => {
  let server: Server | null = null
  const at = await stage(async ({ mounts: [mount] }) => {
    if (mount === undefined) throw new Error('one mount is needed')
    const handler = sfpool(mount.pool, mount.options)
    const app = await listening(handler)
    app.server.on('connect', handler.connect)
    server = app.server
    return app
  })
  const socket = connect({ port: at.app.port, host: '127.0.0.1', allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  socket.setEncoding('latin1')
  let text = ''
  socket.on('data', (piece: string) => {
    text += piece
  })
  socket.write('CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\nbytes for the tunnel')
  await once(socket, 'end')
  expect(text).toMatch(/^HTTP\/1\.1 405 /)
  const connections = (): Promise<number> =>
    new Promise((resolve, reject) =>
      (server as Server | null)?.getConnections((error, count) =>
        error === null ? resolve(count) : reject(error),
      ),
    )
  await expect.poll(connections, { timeout: 60_000 }).toBe(0)
})
