import { describe, expect, it, vi } from 'vitest'
import type { StartApp } from './app.js'
import { floodingUpstream } from './flooding-upstream.js'
import { holdingUpstream } from './holding-upstream.js'
import { movedClock } from './moved-clock.js'
import { type RawClient, rawClient } from './raw-client.js'
import { chat, stage } from './stage.js'

const patience = { timeout: 25_000 }
const lookMs = 15_000

/** Tests clients that stop in the middle: of an answer that they do not read, or of a body that they do not send. */
export function stallingContract(start: StartApp): void {
  describe('a client that stalls', () => {
    unreadAnswers(start)
    unsentBodies(start)
    fullMemory(start)
    refusedBodies(start)
  })
}

function unreadAnswers(start: StartApp): void {
  it('a client that never reads its stream loses its connection and its upstream call', async () => {
    const upstream = await floodingUpstream()
    const clock = movedClock()
    const gateway = { runtime: clock.runtime, sendTimeoutMs: 60_000 }
    const at = await stage(start, { pool: { baseURL: upstream.baseURL }, gateway })
    const clients = await Promise.all(Array.from({ length: 3 }, () => rawClient(at.app.port)))
    for (const { socket } of clients) {
      socket.pause()
      socket.write(chatRequest({ stream: true }))
    }
    await vi.waitFor(() => expect(upstream.open()).toBe(3), patience)
    await vi.waitFor(() => {
      clock.advance(lookMs)
      expect(upstream.open()).toBe(0)
    }, patience)
    await vi.waitFor(() => expect(at.pool.stats().inFlight).toBe(0), patience)
    for (const client of clients) {
      client.socket.resume()
      await client.closed()
    }
  })

  it('a client that reads slowly keeps its stream however long it takes', async () => {
    const upstream = await floodingUpstream()
    const clock = movedClock()
    const gateway = { runtime: clock.runtime, sendTimeoutMs: 60_000 }
    const at = await stage(start, { pool: { baseURL: upstream.baseURL }, gateway })
    const client = await rawClient(at.app.port)
    client.socket.write(chatRequest({ stream: true }))
    // Longer than the time allowed, in steps in each of which the client reads on and the upstream sends on.
    for (let step = 0; step < 8; step++) {
      const [read, written] = [client.received().length, upstream.written()]
      client.socket.resume()
      await vi.waitFor(() => {
        expect(client.received().length).toBeGreaterThan(read)
        expect(upstream.written()).toBeGreaterThan(written + 4_000_000)
      }, patience)
      client.socket.pause()
      clock.advance(lookMs)
    }
    expect(upstream.open()).toBe(1)
  })

  it('a pipelined answer that waits for a slow one before it is no stall, however long that takes', async () => {
    const upstream = await holdingUpstream()
    const clock = movedClock()
    const gateway = { runtime: clock.runtime, sendTimeoutMs: 60_000 }
    const at = await stage(start, { pool: { baseURL: upstream.baseURL }, gateway })
    const client = await rawClient(at.app.port)
    client.socket.write(`${chatRequest({})}GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n`)
    await vi.waitFor(() => {
      expect(upstream.held()).toBe(1)
      expect(at.pool.stats().requests).toBe(1)
    }, patience)
    for (let look = 0; look < 40; look++) clock.advance(lookMs)
    expect(client.socket.destroyed).toBe(false)
    upstream.release()
    const text = await client.until(/"list"/)
    expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(2)
  })

  it('a client that does not read the end of its answer loses its connection', async () => {
    const clock = movedClock()
    const gateway = { runtime: clock.runtime, sendTimeoutMs: 60_000 }
    const at = await stage(start, { gateway })
    at.sim.settings.update({ recordedBodyBytes: 0 })
    const client = await rawClient(at.app.port)
    client.socket.pause()
    // Answers, unread, until the connection is full.
    const request = 'GET /v1/models HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(500)
    let isClosed = false
    client.socket.on('close', () => {
      isClosed = true
    })
    await vi.waitFor(() => {
      if (!client.socket.destroyed) client.socket.write(request)
      clock.advance(lookMs)
      client.socket.read(0)
      expect(isClosed || client.socket.destroyed || client.socket.errored !== null).toBe(true)
    }, patience)
  })
}

function unsentBodies(start: StartApp): void {
  it('uploads that stall are answered with 408 and give their memory back', async () => {
    const clock = movedClock()
    const gateway = { runtime: clock.runtime, bodyTimeoutMs: 60_000 }
    const at = await stage(start, { gateway })
    const clients = await stalledUploads(at.app.port, 10)
    await vi.waitFor(() => expect(at.pool.buffers.used).toBe(1_000_000), patience)
    await vi.waitFor(() => {
      clock.advance(lookMs)
      for (const client of clients) expect(client.received()).toContain('HTTP/1.1 408 ')
    }, patience)
    expect(at.pool.buffers.used).toBe(0)
    expect(clients[0]?.received()).toMatch(/connection: close/i)
    expect(clients[0]?.received()).toContain('"code":"request_timeout"')
    expect(at.sim.requests).toHaveLength(0)
  })

  it('an upload that stalls while it is passed on is answered with 408, and its upstream call ends', async () => {
    const clock = movedClock()
    const gateway = { runtime: clock.runtime, bodyTimeoutMs: 60_000 }
    const at = await stage(start, { gateway, pool: { replayLimit: 1_000 } })
    const [client] = await stalledUploads(at.app.port, 1)
    await vi.waitFor(() => expect(at.pool.stats().inFlight).toBe(1), patience)
    await vi.waitFor(() => {
      clock.advance(lookMs)
      expect(client?.received()).toContain('HTTP/1.1 408 ')
    }, patience)
    await vi.waitFor(() => expect([at.pool.stats().inFlight, at.pool.buffers.used]).toEqual([0, 0]), patience)
  })

  it('uploads whose clients leave give their memory back', async () => {
    const at = await stage(start)
    const clients = await stalledUploads(at.app.port, 10)
    await vi.waitFor(() => expect(at.pool.buffers.used).toBe(1_000_000), patience)
    for (const [index, { socket }] of clients.entries()) {
      if (index % 2 === 0) socket.resetAndDestroy()
      else socket.destroy()
    }
    await vi.waitFor(() => expect(at.pool.buffers.used).toBe(0), patience)
  })
}

function fullMemory(start: StartApp): void {
  it('stalled uploads fill no more than the memory for bodies, and chats are still served', async () => {
    const at = await stage(start, { pool: { bufferBudget: 1_000_000 } })
    const clients = await stalledUploads(at.app.port, 40)
    await vi.waitFor(() => {
      const refused = clients.filter((client) => client.received().includes('HTTP/1.1 503 ')).length
      expect([refused > 0, at.pool.buffers.used > 800_000]).toEqual([true, true])
    }, patience)
    expect(at.pool.buffers.used).toBeLessThanOrEqual(1_000_000)
    const refused = clients.find((client) => client.received().includes('HTTP/1.1 503 '))
    expect(refused?.received()).toMatch(/retry-after: 2\r\n/i)
    expect(refused?.received()).toMatch(/connection: close/i)
    for (const { socket } of clients) socket.destroy()
    await vi.waitFor(() => expect(at.pool.buffers.used).toBe(0), patience)
    expect((await fetch(`${at.url}/v1/chat/completions`, chat())).status).toBe(200)
  })

  it('a body that finds no room is sent once as it comes, and the trace says so', async () => {
    const at = await stage(start, { pool: { bufferBudget: 200_000 }, gateway: { trace: true } })
    at.sim.settings.update({ recordedBodyBytes: 4_000_000 })
    const body = JSON.stringify({ model: 'Qwen/Qwen3-8B', messages: [], pad: 'x'.repeat(1_000_000) })
    const answer = await fetch(`${at.url}/v1/anything`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    await answer.arrayBuffer()
    expect(JSON.parse(answer.headers.get('x-sfpool-trace') ?? '{}')).toMatchObject({ isRepeatable: false })
    expect(at.sim.requests.map((request) => request.bodySize)).toEqual([body.length])
    await vi.waitFor(() => expect(at.pool.buffers.used).toBe(0), patience)
  })

  it('the memory of a body is given back after success, refusal and failover', async () => {
    const at = await stage(start)
    at.sim.faults.add({ fault: { kind: 'error', name: 'rate-limit-tpm' }, times: 1 })
    for (const extra of [{}, { stream: true }, { model: 'no/such-model' }]) {
      await (await fetch(`${at.url}/v1/chat/completions`, chat(extra))).arrayBuffer()
    }
    await vi.waitFor(() => expect(at.pool.buffers.used).toBe(0), patience)
  })
}

function refusedBodies(start: StartApp): void {
  it('a refused client is answered at once, and its body is not waited for', async () => {
    const at = await stage(start, { gateway: { clientKeys: ['client-key-one'] } })
    const [client] = await stalledUploads(at.app.port, 1)
    const text = await client?.until(/"invalid_client_key"/)
    expect(text).toMatch(/^HTTP\/1\.1 401 /)
    expect(text).toMatch(/connection: close/i)
    expect(at.pool.buffers.used).toBe(0)
  })

  it('an upload that the upstream refuses early is answered at once, and the rest is not waited for', async () => {
    const at = await stage(start, { pool: { replayLimit: 1_000, keys: [] } })
    const [client] = await stalledUploads(at.app.port, 1)
    const text = await client?.until(/"no_keys"/)
    expect(text).toMatch(/^HTTP\/1\.1 503 /)
    expect(text).toMatch(/connection: close/i)
    await vi.waitFor(() => expect(at.pool.buffers.used).toBe(0), patience)
  })
}

/** Clients that declare 15 MB, send 100,000 bytes of it and then nothing more. */
async function stalledUploads(port: number, count: number): Promise<RawClient[]> {
  const clients = await Promise.all(Array.from({ length: count }, () => rawClient(port)))
  for (const { socket } of clients) {
    socket.write(
      'POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 15000000\r\n\r\n',
    )
    socket.write(Buffer.alloc(100_000, 'x'))
  }
  return clients
}

function chatRequest(extra: Record<string, unknown>): string {
  const body = String(chat(extra).body)
  return (
    'POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n' +
    `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  )
}
