import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { sfpool } from './node.js'
import { closeGently } from './node-exchange.js'
import { listening } from './testing/listening.js'
import { rawClient } from './testing/raw-client.js'
import { chat, onlyRequest, stage } from './testing/stage.js'

describe('closing a connection whose request was not read', () => {
  const timers = () => {
    const running: { run: () => void; delayMs: number }[] = []
    const setTimer = (run: () => void, delayMs: number) => running.push({ run, delayMs })
    return { running, setTimer, clearTimer: vi.fn() }
  }
  const arriving = () => Object.assign(new PassThrough(), { complete: false }) as unknown as IncomingMessage

  it('closeGently waits for the rest of the request and drops it', async () => {
    const request = arriving()
    const end = vi.fn()
    const { setTimer, clearTimer } = timers()
    closeGently(request, end, { setTimer, clearTimer })
    const sender = request as unknown as PassThrough
    sender.write('x'.repeat(100_000))
    expect(end).not.toHaveBeenCalled()
    sender.end()
    await vi.waitFor(() => expect(end).toHaveBeenCalledTimes(1), { timeout: 60_000 })
    expect(clearTimer).toHaveBeenCalled()
  })

  it('closeGently stops waiting after two seconds, and does not wait for a complete request', () => {
    const end = vi.fn()
    const { running, setTimer, clearTimer } = timers()
    closeGently(arriving(), end, { setTimer, clearTimer })
    expect(running[0]?.delayMs).toBe(2000)
    running[0]?.run()
    expect(end).toHaveBeenCalledTimes(1)
    closeGently(Object.assign(arriving(), { complete: true }), end, { setTimer, clearTimer })
    expect(end).toHaveBeenCalledTimes(2)
    expect(running).toHaveLength(1)
  })
})

/** Starts a node server that passes every request to the pool. */
const start = (
  prepare: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void = () => {},
) =>
  stage(async ({ mounts: [mount] }) => {
    if (mount === undefined) throw new Error('one mount is needed')
    const handler = sfpool(mount.pool, mount.options)
    return listening(async (request, response) => {
      await prepare(request, response)
      handler(request, response)
    })
  })

describe('a body that the app read before the mount', () => {
  it('a body that the app read and did not keep is refused with the remedy, and no upstream call is made', async () => {
    const at = await start(async (request) => {
      await buffer(request)
    })
    const answer = await fetch(`${at.url}/v1/chat/completions`, chat())
    expect(answer.status).toBe(500)
    expect(await answer.json()).toMatchObject({
      error: { code: 'invalid_config', message: expect.stringContaining('before body parsers') },
    })
    expect(at.sim.requests).toHaveLength(0)
  })

  it('a body that the app decompressed is sent on without its content-encoding', async () => {
    const at = await start(async (request) => {
      await buffer(request)
      Object.assign(request, { body: { model: 'some/model' } })
    })
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
    await fetch(`${at.url}/v1/anything`, { method: 'POST', headers, body: 'packed' })
    expect(onlyRequest(at).headers['content-encoding']).toBeUndefined()
    expect(String(onlyRequest(at).body)).toBe('{"model":"some/model"}')
  })

  it('a body that the app did not read is relayed although the app waited for something else', async () => {
    const at = await start(() => new Promise((resolve) => setImmediate(resolve)))
    expect((await fetch(`${at.url}/v1/chat/completions`, chat())).status).toBe(200)
  })
})

describe('the server of a mount', () => {
  it('the server survives a client that resets its kept-alive connection after the answer', async () => {
    const at = await start()
    const client = await rawClient(at.app.port)
    client.send('GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n')
    await client.until(/"object":"list"/)
    client.socket.resetAndDestroy()
    expect((await fetch(`${at.url}/v1/models`)).status).toBe(200)
  })

  it('the server survives a client that is gone before its refusal is written', async () => {
    let release: (() => void) | undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const at = await start(async (request, response) => {
      if (request.url !== '/v1/../x') return
      response.on('close', () => release?.())
      await held
    })
    const client = await rawClient(at.app.port)
    client.send('GET /v1/../x HTTP/1.1\r\nhost: a\r\n\r\n')
    client.socket.resetAndDestroy()
    await held
    expect((await fetch(`${at.url}/v1/models`)).status).toBe(200)
  })

  it('two requests that are sent at once on one connection are answered in order', async () => {
    const at = await start()
    const client = await rawClient(at.app.port)
    const post = (id: string, close = '') =>
      `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nx-request-id: ${id}\r\n${close}` +
      `content-type: application/json\r\ncontent-length: ${String(chat().body).length}\r\n\r\n${chat().body}`
    client.send(post('first') + post('second', 'connection: close\r\n'))
    const received = await client.closed()
    expect(received.match(/HTTP\/1\.1 200/g)).toHaveLength(2)
    expect(received.indexOf('x-request-id: first')).toBeLessThan(received.indexOf('x-request-id: second'))
  })

  it('a request id that could break a header line is not sent back', async () => {
    const at = await start()
    const client = await rawClient(at.app.port)
    client.send('GET /v1/models HTTP/1.1\r\nhost: a\r\nx-request-id: a\tb\r\nconnection: close\r\n\r\n')
    const received = await client.closed()
    expect(received).toMatch(/^HTTP\/1\.1 200 /)
    expect(received).not.toContain('a\tb')
  })
})

it('an answer keeps all its headers when middleware has replaced writeHead', async () => {
  const seen: string[] = []
  const at = await start((_request, response) => {
    response.setHeader('x-app', 'ours')
    response.setHeader('content-type', 'text/plain')
    const writeHead = response.writeHead.bind(response)
    // As `on-headers` 1.0 does it, which knows lists of pairs only.
    response.writeHead = (status: number, headers?: unknown) => {
      for (const [name, value] of Array.isArray(headers) ? (headers as [string, string][]) : []) {
        response.setHeader(name, value)
      }
      seen.push(...response.getHeaderNames())
      return writeHead(status)
    }
  })
  const answer = await fetch(`${at.url}/v1/models`)
  expect(answer.status).toBe(200)
  expect(seen).toEqual(expect.arrayContaining(['x-app', 'content-type', 'x-request-id']))
  expect(answer.headers.get('x-app')).toBe('ours')
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
  expect(await answer.json()).toMatchObject({ object: 'list' })
})

it('a request over HTTP/2 is relayed without its pseudo headers', async () => {
  const at = await start()
  const handler = sfpool(at.pool)
  const server = createHttp2Server(handler as unknown as Parameters<typeof createHttp2Server>[1])
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((closed) => server.close(() => closed())))
  const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => session.close())
  const request = session.request({
    ':method': 'POST',
    ':path': '/v1/chat/completions',
    'content-type': 'application/json',
  })
  request.end(chat().body)
  const status = await new Promise((resolve) =>
    request.on('response', (headers) => resolve(headers[':status'])),
  )
  expect(status).toBe(200)
  expect(JSON.parse((await buffer(request)).toString())).toMatchObject({ object: 'chat.completion' })
  expect(onlyRequest(at).rawHeaders.some((name) => name.startsWith(':'))).toBe(false)
})

it('the node handler works as the listener of a plain server', async () => {
  const at = await start()
  const server = createServer(sfpool(at.pool))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
  })
  const { port } = server.address() as AddressInfo
  expect((await fetch(`http://127.0.0.1:${port}/v1/models`)).status).toBe(200)
})
