import { describe, expect, it, onTestFinished } from 'vitest'
import { answer, answering, type RawUpstream, rawUpstream } from '../testing/raw-upstream.js'
import { RecordingHandler } from '../testing/recording-handler.js'
import type { Transport, TransportRequest } from './transport.js'
import { undiciTransport } from './undici-transport.js'

const ok = (body = 'ok'): Buffer => answer('200 OK', ['content-type: text/plain'], body)

function makeTransport(): Transport {
  const transport = undiciTransport()
  onTestFinished(() => transport.close())
  return transport
}

/** Waits until everything that was due has run. */
const turn = async (): Promise<void> => {
  for (let count = 0; count < 2; count++) await new Promise((resolve) => setImmediate(resolve))
}

/** Sends one request and waits until it is over. */
async function send(
  transport: Transport,
  { origin }: Pick<RawUpstream, 'origin'>,
  request: Partial<TransportRequest> = {},
): Promise<RecordingHandler> {
  const handler = new RecordingHandler()
  transport.dispatch(
    { origin, path: '/v1/models', method: 'GET', headers: [], body: null, ...request },
    handler,
  )
  await handler.over
  return handler
}

describe('an exchange of undiciTransport', () => {
  it('an exchange is reported in order: sent, head, data, end', async () => {
    const upstream = await rawUpstream(answering(ok('hello')))
    const { calls, status, text } = await send(makeTransport(), upstream)
    expect(calls).toEqual(['sent', 'head 200', 'data', 'end'])
    expect({ status, text }).toEqual({ status: 200, text: 'hello' })
  })

  it('headers come as a flat list with lower-case names, repeated headers kept apart', async () => {
    const reply = answer('200 OK', ['X-One: 1', 'Set-Cookie: a=b', 'SET-COOKIE: c=d', 'X-Latin: caf\xe9'])
    const { headers } = await send(makeTransport(), await rawUpstream(answering(reply)))
    expect(headers).toEqual([
      'x-one',
      '1',
      'set-cookie',
      'a=b',
      'set-cookie',
      'c=d',
      'x-latin',
      'caf\xe9',
      'content-length',
      '0',
    ])
  })

  it('method, path, query, headers and bytes are sent as they are', async () => {
    const upstream = await rawUpstream(answering(ok()))
    const body = new Uint8Array(Buffer.from('xx{"a":"\0世"}xx').subarray(2, -2))
    const headers = ['X-A', '1', 'x-a', '2', 'content-type', 'application/json']
    await send(makeTransport(), upstream, { method: 'POST', path: '/v1/a%2Fb?x=1&x=%20', headers, body })
    const received = upstream.connections[0]?.received ?? ''
    const [head = '', sent = ''] = received.split('\r\n\r\n')
    expect(head.split('\r\n')[0]).toBe('POST /v1/a%2Fb?x=1&x=%20 HTTP/1.1')
    expect(head).toMatch(/X-A: 1\r\nx-a: 2\r\ncontent-type: application\/json/)
    expect(head).toContain(`content-length: ${body.length}`)
    expect(Buffer.from(sent, 'latin1')).toEqual(Buffer.from(body))
  })

  it.each([
    ['GET', null],
    ['POST', 'content-length: 0'],
  ])('a %s request without a body is sent with the right length header', async (method, length) => {
    const upstream = await rawUpstream(answering(ok()))
    await send(makeTransport(), upstream, { method })
    const received = upstream.connections[0]?.received ?? ''
    if (length === null) expect(received).not.toMatch(/content-length|transfer-encoding/)
    else expect(received).toContain(length)
  })

  it('a body that can be read only once is sent piece by piece', async () => {
    const upstream = await rawUpstream(async ({ until, socket }) => {
      await until('0\r\n\r\n')
      socket.write(ok())
    })
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('abc')
      yield Buffer.from('defgh')
    }
    const { text } = await send(makeTransport(), upstream, { method: 'POST', body: pieces() })
    expect(text).toBe('ok')
    expect(upstream.connections[0]?.received).toMatch(
      /transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\ndefgh\r\n0\r\n\r\n$/,
    )
  })

  it.each([
    ['204', answer('204 No Content', []).subarray(0, -'content-length: 0\r\n\r\n'.length - 2)],
    ['304', answer('304 Not Modified', ['etag: "x"'])],
    ['an empty 200', ok('')],
  ])('an answer may have no body: %s', async (_what, reply) => {
    const bytes = Buffer.concat([
      reply,
      reply.toString().endsWith('\r\n\r\n') ? Buffer.alloc(0) : Buffer.from('\r\n\r\n'),
    ])
    const { calls } = await send(makeTransport(), await rawUpstream(answering(bytes)))
    expect(calls).toEqual(['sent', expect.stringMatching(/^head/), 'end'])
  })

  it('a reply to HEAD ends without a body, whatever length it claims', async () => {
    const upstream = await rawUpstream(answering('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n'))
    const { calls, headers } = await send(makeTransport(), upstream, { method: 'HEAD' })
    expect(calls).toEqual(['sent', 'head 200', 'end'])
    expect(headers).toEqual(['content-length', '1000'])
  })

  it('answers before the final one are not reported', async () => {
    const early = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n'
    const upstream = await rawUpstream(answering(Buffer.concat([Buffer.from(early), ok()])))
    const { calls, headers } = await send(makeTransport(), upstream)
    expect(calls).toEqual(['sent', 'head 200', 'data', 'end'])
    expect(headers).toEqual(['content-type', 'text/plain', 'content-length', '2'])
  })

  it('an answer without a length ends with its connection', async () => {
    const upstream = await rawUpstream(async ({ until, socket }) => {
      await until('\r\n\r\n')
      socket.end('HTTP/1.1 200 OK\r\n\r\nall of it')
    })
    const { calls, text } = await send(makeTransport(), upstream)
    expect(calls.at(-1)).toBe('end')
    expect(text).toBe('all of it')
  })
})

describe('a connection of undiciTransport', () => {
  it('a connection is used again a turn of the event loop after its answer was complete', async () => {
    const upstream = await rawUpstream(
      answering(...Array.from({ length: 20 }, (_, count) => ok(String(count)))),
    )
    const transport = makeTransport()
    for (let count = 0; count < 20; count++) {
      expect((await send(transport, upstream)).text).toBe(String(count))
      await turn()
    }
    expect(upstream.connections).toHaveLength(1)
  })

  it('a connection carries one request at a time', async () => {
    const upstream = await rawUpstream(answering(ok()))
    const transport = makeTransport()
    const both = [new RecordingHandler(), new RecordingHandler()] as const
    for (const handler of both)
      transport.dispatch(
        { origin: upstream.origin, path: '/', method: 'GET', headers: [], body: null },
        handler,
      )
    await expect.poll(() => upstream.connections.length).toBe(2)
  })

  it('an idle connection that the upstream closed is replaced without an error', async () => {
    const upstream = await rawUpstream(async ({ until, socket }) => {
      await until('\r\n\r\n')
      socket.write(ok())
    })
    const transport = makeTransport()
    for (let count = 1; count <= 5; count++) {
      expect((await send(transport, upstream)).calls.at(-1)).toBe('end')
      upstream.connections.at(-1)?.socket.end()
      await expect.poll(() => upstream.connections.at(-1)?.isClosed).toBe(true)
      expect(upstream.connections).toHaveLength(count)
    }
  })

  it('a connection that the upstream asks to close is not used again', async () => {
    const closing = answer('200 OK', ['connection: close'], 'ok')
    const upstream = await rawUpstream(answering(closing, closing))
    const transport = makeTransport()
    await send(transport, upstream)
    await send(transport, upstream)
    expect(upstream.connections).toHaveLength(2)
  })

  it('each of many answers at once has a connection of its own, and all arrive', async () => {
    const upstream = await rawUpstream(async ({ until, socket }) => {
      await until('\r\n\r\n')
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
      for (let count = 0; count < 20; count++) socket.write('4\r\npart\r\n')
      socket.write('0\r\n\r\n')
    })
    const transport = makeTransport()
    const answers = await Promise.all(Array.from({ length: 100 }, () => send(transport, upstream)))
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['part'.repeat(20)]))
    expect(upstream.connections).toHaveLength(100)
  })
})

describe('closing undiciTransport', () => {
  it('closing the transport ends idle connections', async () => {
    const upstream = await rawUpstream(answering(ok()))
    const transport = makeTransport()
    await send(transport, upstream)
    await transport.close()
    await expect.poll(() => upstream.connections[0]?.isClosed).toBe(true)
  })

  it('closing the transport ends running requests with an error', async () => {
    const upstream = await rawUpstream(() => {})
    const transport = makeTransport()
    const running = send(transport, upstream)
    await expect.poll(() => upstream.connections.length).toBe(1)
    await transport.close()
    expect((await running).calls).toEqual(['sent', 'error'])
    await expect.poll(() => upstream.connections[0]?.isClosed).toBe(true)
  })

  it('closing the transport twice is harmless', async () => {
    const transport = makeTransport()
    await Promise.all([transport.close(), transport.close()])
    await transport.close()
  })
})
