import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { KeyPoolError } from '../../errors.js'
import { nodeSink } from './node-sink.js'
import type { Flow, Sink } from './sink.js'

const broken = new KeyPoolError('stream_interrupted', 'The upstream broke off')
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface Served {
  readonly response: ServerResponse
  readonly sink: Sink
  readonly asked: string[]
  /** The client's end of the connection. */
  readonly client: Socket
  /** The text that the client has received, and whether its connection has ended. */
  readonly got: { text: string; isOver: boolean }
}

/** A request that waits for its answer, with a sink on its response. */
async function serve(method = 'GET'): Promise<Served> {
  const asked: string[] = []
  const flow: Flow = { resume: () => void asked.push('resume'), abort: () => void asked.push('abort') }
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  onTestFinished(() => {
    client.destroy()
    server.close()
    server.closeAllConnections()
  })
  const got = { text: '', isOver: false }
  client.setEncoding('utf8')
  client.on('data', (text: string) => {
    got.text += text
  })
  client.on('error', () => {})
  client.on('close', () => {
    got.isOver = true
  })
  client.write(`${method} / HTTP/1.1\r\nhost: a\r\n\r\n`)
  const response = await new Promise<ServerResponse>((resolve) =>
    server.on('request', (_, made) => resolve(made)),
  )
  const sink = nodeSink(response)
  sink.attach(flow)
  return { response, sink, asked, client, got }
}

describe('an answer through nodeSink', () => {
  it('keeps its headers, repeated ones included, and ends properly', async () => {
    const { sink, got } = await serve()
    sink.head(201, ['content-type', 'text/plain', 'x-a', '1', 'X-A', '2'])
    sink.data(Buffer.from('Grüße '))
    sink.end(Buffer.from('世界'))
    await expect.poll(() => got.text).toMatch(/0\r\n\r\n$/)
    expect(got.text).toMatch(/^HTTP\/1\.1 201 Created\r\n/)
    expect(got.text).toMatch(/content-type: text\/plain\r\nx-a: 1\r\nX-A: 2\r\n/)
    expect(got.text).toContain('Grüße')
    expect(got.isOver).toBe(false)
  })

  it('is not chunked when its length is given', async () => {
    const { sink, got } = await serve()
    sink.head(200, ['content-length', '5'])
    sink.end(Buffer.from('hello'))
    await expect.poll(() => got.text).toMatch(/\r\n\r\nhello$/)
    expect(got.text).not.toContain('chunked')
  })

  it('has no body for HEAD', async () => {
    const { sink, got } = await serve('HEAD')
    sink.head(200, ['content-length', '5'])
    sink.end()
    await expect.poll(() => got.text).toContain('content-length: 5')
    await tick()
    expect(got.text).toMatch(/\r\n\r\n$/)
  })

  it('keeps the headers that a framework set before', async () => {
    const { response, sink, got } = await serve()
    response.setHeader('x-powered-by', 'tests')
    response.setHeader('x-a', 'old')
    sink.head(200, ['x-a', '1', 'x-a', '2', 'content-length', '0'])
    sink.end()
    await expect.poll(() => got.text).toMatch(/\r\n\r\n$/)
    expect(got.text).toMatch(/x-powered-by: tests/)
    expect(got.text.match(/x-a: .*/g)).toEqual(['x-a: 1', 'x-a: 2'])
  })
})

describe('an incomplete answer through nodeSink', () => {
  it('reaches the client as far as it came, and the connection closes without an end mark', async () => {
    const { sink, got } = await serve()
    sink.head(200, ['content-type', 'text/event-stream'])
    sink.data(Buffer.from('data: half\n\n'))
    sink.data(Buffer.from('data: {"error":{}}\n\n'))
    sink.fail(broken)
    await expect.poll(() => got.isOver).toBe(true)
    expect(got.text).toContain('data: half\n\n')
    expect(got.text).toContain('data: {"error":{}}\n\n')
    expect(got.text).not.toMatch(/\r\n0\r\n\r\n$/)
  })

  it('closes the connection before a head, too', async () => {
    const { sink, got } = await serve()
    sink.fail(broken)
    await expect.poll(() => got.isOver).toBe(true)
    expect(got.text).toBe('')
  })

  it('does nothing when the client has left already', async () => {
    const { sink, client, response } = await serve()
    sink.head(200, [])
    client.destroy()
    await expect.poll(() => response.closed).toBe(true)
    sink.data(Buffer.from('late'))
    sink.fail(broken)
    await tick()
  })
})

describe('a client of nodeSink that leaves', () => {
  it.each<[string, (sink: Sink) => void]>([
    ['before the head', () => {}],
    ['after the head', (sink) => sink.head(200, [])],
    [
      'in the middle of the body',
      (sink) => {
        sink.head(200, [])
        sink.data(Buffer.from('half'))
      },
    ],
  ])('aborts the engine %s', async (_when, begin) => {
    const { sink, client, asked } = await serve()
    begin(sink)
    client.destroy()
    await expect.poll(() => asked).toEqual(['abort'])
  })

  it('does not abort the engine after the end', async () => {
    const { sink, client, response, asked } = await serve()
    sink.head(200, [])
    sink.end(Buffer.from('whole'))
    await expect.poll(() => response.writableFinished).toBe(true)
    client.destroy()
    await expect.poll(() => response.closed).toBe(true)
    expect(asked).toEqual([])
  })

  it('aborts the engine at once when it left before the sink was attached', async () => {
    const { response, client } = await serve()
    client.destroy()
    await expect.poll(() => response.closed).toBe(true)
    const asked: string[] = []
    nodeSink(response).attach({ resume: () => {}, abort: () => void asked.push('abort') })
    expect(asked).toEqual(['abort'])
  })

  it('does not end the process when the engine writes to it', async () => {
    const { sink, client, asked } = await serve()
    sink.head(200, [])
    client.resetAndDestroy()
    for (let count = 0; count < 20; count++) {
      sink.data(Buffer.alloc(64 * 1024))
      await tick()
    }
    sink.end()
    await expect.poll(() => asked).toContain('abort')
  })
})

it('a client that reads slowly pauses the engine, and resumes it by reading', async () => {
  const { sink, client, asked, got } = await serve()
  client.pause()
  sink.head(200, [])
  // Fills the buffers of both sockets, so that nothing drains any more.
  let wantsMore = true
  for (let stillMs = 0; stillMs < 100; ) {
    if (wantsMore) wantsMore = sink.data(Buffer.alloc(64 * 1024, 'x'))
    await new Promise((resolve) => setTimeout(resolve, 1))
    stillMs = wantsMore || asked.length > 0 ? 0 : stillMs + 1
    if (asked.splice(0).length > 0) wantsMore = true
  }
  expect(wantsMore).toBe(false)
  client.resume()
  await expect.poll(() => asked).toContain('resume')
  sink.end()
  await expect.poll(() => got.text.endsWith('0\r\n\r\n')).toBe(true)
})
