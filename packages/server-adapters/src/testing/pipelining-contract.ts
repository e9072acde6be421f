import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { sized } from '../../../core/src/testing/sized.js'
import { maxParallel } from '../connection-turns.js'
import type { StartApp } from './app.js'
import { openEndedUpstream } from './open-ended-upstream.js'
import { type RawClient, rawClient } from './raw-client.js'
import { chat, stage } from './stage.js'

const output = 'data: {"choices":[{"index":0,"delta":{"content":"hello"}}]}\n\n'
const patience = { timeout: 120_000 }
const clientCount = sized(15, 60)

/** Tests clients that send many requests on one connection without waiting for the answers. */
export function pipeliningContract(start: StartApp): void {
  describe('a client that pipelines its requests', () => {
    leavingClients(start)
    leavingHeldClients(start)
    parallelRequests(start)
    listenersOfConnections(start)
  })
}

/** Tests that nothing is left of a client's requests once the client has left. */
function leavingClients(start: StartApp): void {
  it(`the upstream calls of ${clientCount} clients that pipelined 10 streams each end when the clients leave`, async () => {
    const upstream = await openEndedUpstream(output)
    const at = await stage(start, { pool: { baseURL: upstream.baseURL } })
    const clients = await Promise.all(Array.from({ length: clientCount }, () => rawClient(at.app.port)))
    for (const client of clients) client.send(chatRequest({ stream: true }).repeat(10))
    await vi.waitFor(() => expect(upstream.open()).toBe(10 * clientCount), patience)
    for (const [index, { socket }] of clients.entries()) {
      if (index % 2 === 0) socket.resetAndDestroy()
      else socket.destroy()
    }
    await vi.waitFor(
      async () => expect([upstream.open(), await upstream.sockets()]).toEqual([0, 0]),
      patience,
    )
    expect(at.pool.stats().inFlight).toBe(0)
  })

  it('the upstream calls of a client that pipelined requests end when it leaves before any answer', async () => {
    const upstream = await openEndedUpstream(null)
    const at = await stage(start, { pool: { baseURL: upstream.baseURL } })
    const client = await rawClient(at.app.port)
    client.send(`${chatRequest({})}GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n`.repeat(10))
    await vi.waitFor(() => expect(upstream.open()).toBe(20), patience)
    client.socket.destroy()
    await vi.waitFor(
      async () => expect([upstream.open(), await upstream.sockets()]).toEqual([0, 0]),
      patience,
    )
  })
}

/** Tests that a connection that is held, because too many of its requests wait, still tells that its client left. */
function leavingHeldClients(start: StartApp): void {
  it.each([
    ['closes its connection', 'destroy', {}],
    ['resets its connection', 'resetAndDestroy', {}],
    ['closes its connection, with bodies unread', 'destroy', { user: 'x'.repeat(1000) }],
  ] as const)(
    'the upstream calls of a client that pipelined 200 requests end when it %s',
    async (_what, leave, extra) => {
      const upstream = await openEndedUpstream(null)
      const at = await stage(start, { pool: { baseURL: upstream.baseURL } })
      const client = await rawClient(at.app.port)
      client.send(chatRequest(extra).repeat(200))
      await vi.waitFor(() => expect(upstream.received()).toBe(maxParallel), patience)
      client.socket[leave]()
      await vi.waitFor(
        async () => expect([upstream.open(), await upstream.sockets()]).toEqual([0, 0]),
        patience,
      )
      expect(at.pool.stats().inFlight).toBe(0)
      expect(upstream.received()).toBe(maxParallel)
    },
  )
}

/** Tests that one connection has a bounded number of upstream calls. */
function parallelRequests(start: StartApp): void {
  it('2,000 requests that are pipelined on one connection are all answered, in order', async () => {
    const at = await stage(start)
    const client = await rawClient(at.app.port)
    const ids = Array.from({ length: 2000 }, (_, index) => `r${index}`)
    client.send(ids.map(modelsRequest).join(''))
    await vi.waitFor(() => expect(answered(client)).toHaveLength(2000), patience)
    expect(answered(client)).toEqual(ids)
  })

  it('2,000 requests that are pipelined on one connection make at most 100 upstream calls at once', async () => {
    const upstream = await openEndedUpstream(null)
    const at = await stage(start, { pool: { baseURL: upstream.baseURL } })
    const client = await rawClient(at.app.port)
    const connection = serverEndOf(client)
    const request = Buffer.from(chatRequest({ user: 'x'.repeat(32_000) }))
    for (let sent = 0; sent < 2000; sent++) client.socket.write(request)
    await vi.waitFor(() => expect(upstream.received()).toBe(maxParallel), patience)
    // A look for the client reads some more.
    expect(await settled(() => connection().bytesRead)).toBeLessThan(2 * maxParallel * request.length)
    expect(upstream.received()).toBe(maxParallel)
  })
}

/** Tests that a connection does not gather listeners, request by request. */
function listenersOfConnections(start: StartApp): void {
  it('pipelined requests leave no listeners on their connection and cause no warning', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error): void => void warnings.push(warning)
    process.on('warning', onWarning)
    onTestFinished(() => void process.off('warning', onWarning))
    const at = await stage(start)
    const client = await rawClient(at.app.port)
    const connection = serverEndOf(client)
    const listenersAfter = async (count: number): Promise<number> => {
      const total = answered(client).length + count
      client.send(modelsRequest('again').repeat(count))
      await vi.waitFor(() => expect(answered(client)).toHaveLength(total), patience)
      const socket = connection()
      return socket.eventNames().reduce((sum, name) => sum + socket.listenerCount(name), 0)
    }
    const before = await listenersAfter(300)
    expect(before).toBeGreaterThan(0)
    expect(await listenersAfter(300)).toBe(before)
    expect(warnings).toEqual([])
  })
}

/** The other end of a client's connection, which must have begun a request since. */
function serverEndOf(client: RawClient): () => Socket {
  const sockets = new Map<number | undefined, Socket>()
  const onRequest = (message: unknown): void => {
    const { socket } = message as { socket: Socket }
    sockets.set(socket.remotePort, socket)
  }
  subscribe('http.server.request.start', onRequest)
  onTestFinished(() => void unsubscribe('http.server.request.start', onRequest))
  return () => sockets.get(client.socket.localPort) as Socket
}

function chatRequest(extra: Record<string, unknown>): string {
  const body = String(chat(extra).body)
  return (
    'POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n' +
    `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  )
}

function modelsRequest(id: string): string {
  return `GET /v1/models HTTP/1.1\r\nhost: a\r\nx-request-id: ${id}\r\n\r\n`
}

/** The ids of the requests that were answered with 200, in the order of their answers. */
function answered(client: RawClient): string[] {
  const heads = client.received().matchAll(/HTTP\/1\.1 200 OK\r\n(?:[^\r]+\r\n)*?x-request-id: (\w+)\r\n/gi)
  return [...heads].map(([, id]) => id as string)
}

/** Waits until a figure no longer changes, and returns it. */
async function settled(figure: () => number): Promise<number> {
  let before = -1
  await vi.waitFor(
    () => {
      const now = figure()
      const isStill = now === before
      before = now
      expect(isStill).toBe(true)
    },
    { ...patience, interval: 300 },
  )
  return before
}
