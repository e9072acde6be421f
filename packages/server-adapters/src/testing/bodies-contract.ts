import { Readable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import type { StartApp } from './app.js'
import { rawClient } from './raw-client.js'
import { chat, onlyRequest, stage } from './stage.js'

const boundary = 'x-boundary-of-the-tests'
const multipart = Buffer.concat([
  Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="model"\r\n\r\nsome/model\r\n`),
  Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n`),
  Buffer.from(Array.from({ length: 1024 }, (_, index) => index % 256)),
  Buffer.from(`\r\n--${boundary}--\r\n`),
])

/** Tests that bodies reach the upstream as the client sent them. */
export function bodiesContract(start: StartApp): void {
  describe('the body of a request', () => {
    unchangedBodies(start)
    arrivingBodies(start)
  })

  it('no upstream call is made when the client leaves while it sends its body', async () => {
    const at = await stage(start)
    const client = await rawClient(at.app.port)
    client.send('POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n{"model":')
    await vi.waitFor(async () => expect(await statusOfApp(at.app.port)).toBeGreaterThan(0), {
      timeout: 60_000,
    })
    client.socket.resetAndDestroy()
    const answer = await fetch(`${at.url}/v1/chat/completions`, chat())
    expect(answer.status).toBe(200)
    expect(onlyRequest(at).status).toBe(200)
  })
}

/** Tests bodies of every kind, which reach the upstream unchanged. */
function unchangedBodies(start: StartApp): void {
  it('a multipart form reaches the upstream byte for byte', async () => {
    const at = await stage(start)
    const type = `multipart/form-data; boundary=${boundary}`
    await fetch(`${at.url}/v1/audio/transcriptions`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: multipart,
    })
    expect(onlyRequest(at).headers['content-type']).toBe(type)
    expect(onlyRequest(at).body.equals(multipart)).toBe(true)
  })

  it('a body of any content type, or of none, reaches the upstream unchanged', async () => {
    const at = await stage(start)
    for (const type of ['text/plain', 'application/octet-stream', 'application/x-unknown', 'a/b; c=d']) {
      at.sim.clearRequests()
      await fetch(`${at.url}/v1/anything`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: 'ä{"',
      })
      expect(String(onlyRequest(at).body)).toBe('ä{"')
      expect(onlyRequest(at).headers['content-type']).toBe(type)
    }
    at.sim.clearRequests()
    await fetch(`${at.url}/v1/anything`, { method: 'POST', body: Buffer.from('bare') })
    expect(String(onlyRequest(at).body)).toBe('bare')
  })

  it('a body that is not JSON reaches the upstream unchanged on a JSON route', async () => {
    const at = await stage(start)
    const answer = await fetch(`${at.url}/v1/chat/completions`, { ...chat(), body: '{"model": oops' })
    expect(answer.status).toBe(400)
    expect(String(onlyRequest(at).body)).toBe('{"model": oops')
  })

  it('the body of a GET or DELETE request reaches the upstream', async () => {
    const at = await stage(start)
    for (const method of ['GET', 'DELETE']) {
      at.sim.clearRequests()
      const client = await rawClient(at.app.port)
      client.send(
        `${method} /v1/things HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbody`,
      )
      await client.closed()
      expect(String(onlyRequest(at).body)).toBe('body')
    }
  })
}

/** Tests bodies that arrive in parts. */
function arrivingBodies(start: StartApp): void {
  it('a body that came in chunks is sent again on failover to another key', async () => {
    const at = await stage(start)
    at.sim.faults.add({ fault: { kind: 'error', name: 'rate-limit-tpm' }, times: 1 })
    const text = String(chat().body)
    const stream = Readable.toWeb(
      Readable.from([text.slice(0, 10), text.slice(10)].map((part) => Buffer.from(part))),
    )
    const answer = await fetch(`${at.url}/v1/chat/completions`, {
      ...chat(),
      body: stream as ReadableStream,
      duplex: 'half',
    } as RequestInit)
    expect(answer.status).toBe(200)
    expect(at.sim.requests.map(({ body }) => String(body))).toEqual([text, text])
    await answer.arrayBuffer()
  })

  it('a body above the replay limit reaches the upstream whole and once', async () => {
    const at = await stage(start, { pool: { replayLimit: 1024 } })
    at.sim.settings.update({ recordedBodyBytes: 4_000_000 })
    const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7) % 256))
    const answer = await fetch(`${at.url}/v1/anything`, { method: 'POST', body: bytes })
    await answer.arrayBuffer()
    expect(onlyRequest(at).bodySize).toBe(bytes.length)
    expect(onlyRequest(at).body.equals(bytes)).toBe(true)
  })

  it('a body after "Expect: 100-continue" gets one go-ahead and reaches the upstream', async () => {
    const at = await stage(start)
    const client = await rawClient(at.app.port)
    client.send('POST /v1/anything HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n')
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
    client.send('body')
    await client.until(/HTTP\/1\.1 404/)
    expect(client.received().match(/100 Continue/g)).toHaveLength(1)
    expect(onlyRequest(at).headers.expect).toBeUndefined()
    expect(String(onlyRequest(at).body)).toBe('body')
  })
}

/** Asks the app for a page of its own and returns the status, which shows that the server is alive. */
async function statusOfApp(port: number): Promise<number> {
  return (await fetch(`http://127.0.0.1:${port}/hello`)).status
}
