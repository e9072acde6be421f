import { describe, expect, it, onTestFinished } from 'vitest'
import { answer, answering, type RawConnection, rawUpstream } from '../testing/raw-upstream.js'
import { RecordingHandler } from '../testing/recording-handler.js'
import type { Transport, TransportControl, TransportRequest } from './transport.js'
import { undiciTransport } from './undici-transport.js'

const partial = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'
const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'

function makeTransport(connectTimeoutMs?: number): Transport {
  const transport = undiciTransport(connectTimeoutMs === undefined ? {} : { connectTimeoutMs })
  onTestFinished(() => transport.close())
  return transport
}

function dispatch(
  transport: Transport,
  origin: string,
  request: Partial<TransportRequest> = {},
): { handler: RecordingHandler; control: TransportControl } {
  const handler = new RecordingHandler()
  const whole = { origin, path: '/v1/models', method: 'GET', headers: [], body: null, ...request }
  return { handler, control: transport.dispatch(whole, handler) }
}

/** Plays the rest of a connection after the head of a request. */
const after =
  (play: (connection: RawConnection) => void) =>
  async (connection: RawConnection): Promise<void> => {
    await connection.until('\r\n\r\n')
    play(connection)
  }

describe('a failure of a request', () => {
  it('a refused connection is reported once, and nothing was sent', async () => {
    const upstream = await rawUpstream(() => {})
    await upstream.close()
    const { handler } = dispatch(makeTransport(), upstream.origin)
    await handler.over
    expect(handler.calls).toEqual(['error'])
    expect(handler.error).toMatchObject({ code: 'ECONNREFUSED' })
  })

  it.each<[string, readonly string[], (connection: RawConnection) => void]>([
    ['is reset before the head', ['sent', 'error'], ({ socket }) => socket.resetAndDestroy()],
    ['ends before the head', ['sent', 'error'], ({ socket }) => socket.end()],
    ['ends in the head', ['sent', 'error'], ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nx-a')],
    ['speaks no HTTP', ['sent', 'error'], ({ socket }) => socket.write('SSH-2.0-OpenSSH_9.6\r\n\r\n')],
    [
      'ends before the length it gave',
      ['sent', 'head 200', 'data', 'error'],
      ({ socket }) => socket.end(partial),
    ],
    ['ends between two chunks', ['sent', 'head 200', 'data', 'error'], ({ socket }) => socket.end(chunked)],
    [
      'sends a broken chunk',
      ['sent', 'head 200', 'data', 'error'],
      ({ socket }) => socket.write(`${chunked}zz\r\n`),
    ],
    [
      'is reset in the body',
      ['sent', 'head 200', 'data', 'error'],
      ({ socket }) => socket.write(partial, () => setTimeout(() => socket.resetAndDestroy(), 20)),
    ],
  ])(
    'a connection that %s is reported as one error, after everything before it',
    async (_what, calls, play) => {
      const upstream = await rawUpstream(after(play))
      const { handler } = dispatch(makeTransport(), upstream.origin)
      await handler.over
      await expect.poll(() => upstream.connections[0]?.isClosed).toBe(true)
      expect(handler.calls).toEqual(calls)
    },
  )

  it.each<[string, Partial<TransportRequest>]>([
    ['a path with white space', { path: '/v1/a b' }],
    ['an invalid method', { method: 'GE T' }],
    ['a header that would end the line', { headers: ['x-a', '1\r\nx-b: 2'] }],
    ['a header without a name', { headers: ['', '1'] }],
  ])('a wrong request is reported as one error and opens no connection: %s', async (_what, request) => {
    const upstream = await rawUpstream(answering(answer('200 OK', [])))
    const transport = makeTransport()
    const { handler } = dispatch(transport, upstream.origin, request)
    await handler.over
    expect(handler.calls).toEqual(['error'])
    expect(upstream.connections).toHaveLength(0)
    const next = dispatch(transport, upstream.origin)
    await next.handler.over
    expect(next.handler.calls.at(-1)).toBe('end')
  })

  it('a body stream that fails is reported as one error and closes the connection', async () => {
    const upstream = await rawUpstream(() => {})
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half')
      throw new Error('the source dried up')
    }
    const { handler } = dispatch(makeTransport(), upstream.origin, { method: 'POST', body: broken() })
    await handler.over
    expect(handler.calls).toEqual(['sent', 'error'])
    expect(handler.error?.message).toBe('the source dried up')
    await expect.poll(() => upstream.connections[0]?.isClosed).toBe(true)
  })

  it('a failed request does not affect the next one', async () => {
    const upstream = await rawUpstream(
      after(({ socket }) => {
        if (upstream.connections.length % 2 === 1) socket.resetAndDestroy()
        else socket.write(answer('200 OK', [], 'ok'))
      }),
    )
    const transport = makeTransport()
    const texts: string[] = []
    for (let count = 0; count < 6; count++) {
      const { handler } = dispatch(transport, upstream.origin)
      await handler.over
      texts.push(handler.calls.at(-1) ?? '')
      upstream.connections.at(-1)?.socket.end()
      await expect.poll(() => upstream.connections.at(-1)?.isClosed).toBe(true)
    }
    expect(texts).toEqual(['error', 'end', 'error', 'end', 'error', 'end'])
  })
})

describe('an abort of a request', () => {
  it('an abort before the connection is open: nothing is ever written', async () => {
    const upstream = await rawUpstream(() => {})
    const { handler, control } = dispatch(makeTransport(), upstream.origin)
    control.abort()
    await expect.poll(() => upstream.connections.every(({ isClosed }) => isClosed)).toBe(true)
    expect(upstream.connections.map(({ received }) => received).join('')).toBe('')
    expect(handler.calls).toEqual([])
  })

  it('an abort before the head closes the connection', async () => {
    const upstream = await rawUpstream(() => {})
    const { handler, control } = dispatch(makeTransport(), upstream.origin, {
      method: 'POST',
      body: Buffer.from('{}'),
    })
    await expect.poll(() => upstream.connections[0]?.received).toContain('\r\n\r\n{}')
    control.abort()
    await expect.poll(() => upstream.connections[0]?.isClosed).toBe(true)
    expect(handler.calls).toEqual(['sent'])
  })

  it('an abort in the body closes the connection', async () => {
    const upstream = await rawUpstream(answering(chunked))
    const { handler, control } = dispatch(makeTransport(), upstream.origin)
    await expect.poll(() => handler.text).toBe('half')
    control.abort()
    await expect.poll(() => upstream.connections[0]?.isClosed).toBe(true)
    expect(handler.calls).toEqual(['sent', 'head 200', 'data'])
  })

  it('an abort from within any report is the last report', async () => {
    for (const moment of ['sent', 'head 200', 'data']) {
      const upstream = await rawUpstream(answering(answer('200 OK', [], 'hello')))
      const transport = makeTransport()
      const { handler, control } = dispatch(transport, upstream.origin)
      handler.onCall = (name) => {
        if (name === moment) control.abort()
      }
      await expect.poll(() => handler.calls.at(-1)).toBe(moment)
      await expect.poll(() => upstream.connections.every(({ isClosed }) => isClosed)).toBe(true)
      expect(handler.calls.at(-1)).toBe(moment)
    }
  })

  it('an abort while the request body is being sent closes the connection', async () => {
    const upstream = await rawUpstream(() => {})
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.alloc(1024)
    }
    const { handler, control } = dispatch(makeTransport(), upstream.origin, {
      method: 'POST',
      body: endless(),
    })
    await expect.poll(() => upstream.connections[0]?.received.length).toBeGreaterThan(2048)
    control.abort()
    await expect.poll(() => upstream.connections[0]?.isClosed).toBe(true)
    expect(handler.calls).toEqual(['sent'])
  })

  it('an abort opens no other connection', async () => {
    const upstream = await rawUpstream(answering(...Array.from({ length: 5 }, () => chunked)))
    const transport = makeTransport()
    for (let count = 1; count <= 5; count++) {
      const { handler, control } = dispatch(transport, upstream.origin)
      await expect.poll(() => handler.text).toBe('half')
      control.abort()
      await expect.poll(() => upstream.connections.at(-1)?.isClosed).toBe(true)
      expect(upstream.connections).toHaveLength(count)
    }
  })

  it('an abort is harmless when repeated, and after the end', async () => {
    const upstream = await rawUpstream(answering(answer('200 OK', [], 'ok'), answer('200 OK', [], 'ok')))
    const transport = makeTransport()
    const { handler, control } = dispatch(transport, upstream.origin)
    await handler.over
    control.abort()
    control.abort()
    control.pause()
    control.resume()
    await new Promise((resolve) => setImmediate(resolve))
    const next = dispatch(transport, upstream.origin)
    await next.handler.over
    expect(next.handler.calls).toEqual(['sent', 'head 200', 'data', 'end'])
    expect(upstream.connections).toHaveLength(1)
  })
})
