import { brotliCompressSync, constants, createGzip, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  answer,
  answering,
  type RawConnection,
  type RawUpstream,
  rawUpstream,
} from '../testing/raw-upstream.js'
import { RecordingHandler } from '../testing/recording-handler.js'
import type { TransportControl } from './transport.js'
import { undiciTransport } from './undici-transport.js'

const megabyte = 1024 * 1024
/** Well above what two sockets on loopback buffer together. */
const hugeSize = 96 * megabyte

function dispatch(
  { origin }: RawUpstream,
  method = 'GET',
): { handler: RecordingHandler; control: TransportControl } {
  const transport = undiciTransport()
  onTestFinished(() => transport.close())
  const handler = new RecordingHandler()
  return {
    handler,
    control: transport.dispatch({ origin, path: '/', method, headers: [], body: null }, handler),
  }
}

/** Sends a body as fast as the other side takes it. */
const flooding =
  (head: readonly string[], body: Buffer) =>
  async ({ until, socket }: RawConnection): Promise<void> => {
    await until('\r\n\r\n')
    socket.write(`${['HTTP/1.1 200 OK', ...head, `content-length: ${body.length}`].join('\r\n')}\r\n\r\n`)
    for (let at = 0; at < body.length; at += megabyte) {
      if (!socket.write(body.subarray(at, at + megabyte)))
        await new Promise((resolve) => socket.once('drain', resolve))
    }
  }

/** Waits until a number no longer grows. */
async function settled(read: () => number): Promise<number> {
  for (let before = -1, same = 0; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    const now = read()
    same = now === before ? same + 1 : 0
    if (same === 5) return now
    before = now
  }
}

describe('a client of undiciTransport that reads slowly', () => {
  it('a paused client stops the upstream, and gets every byte after it resumes', async () => {
    const upstream = await rawUpstream(flooding([], Buffer.alloc(hugeSize)))
    const { handler, control } = dispatch(upstream)
    handler.onCall = (name) => {
      if (name === 'data') control.pause()
    }
    await expect.poll(() => handler.chunks.length).toBeGreaterThan(0)
    const sent = await settled(() => upstream.connections[0]?.socket.bytesWritten ?? 0)
    expect(handler.chunks).toHaveLength(1)
    expect(sent).toBeLessThan(hugeSize / 2)
    handler.onCall = () => {}
    control.resume()
    await handler.over
    expect(handler.calls.at(-1)).toBe('end')
    expect(handler.size).toBe(hugeSize)
  })

  it('a client may pause at the head', async () => {
    const upstream = await rawUpstream(answering(answer('200 OK', [], 'hello')))
    const { handler, control } = dispatch(upstream)
    handler.onCall = (name) => {
      if (name === 'head 200') control.pause()
    }
    await expect.poll(() => handler.status).toBe(200)
    await settled(() => handler.size)
    expect(handler.calls).toEqual(['sent', 'head 200'])
    control.resume()
    await handler.over
    expect(handler.text).toBe('hello')
  })

  it('a client may pause and resume at every piece', async () => {
    const upstream = await rawUpstream(flooding([], Buffer.alloc(4 * megabyte)))
    const { handler, control } = dispatch(upstream)
    handler.onCall = (name) => {
      if (name !== 'data') return
      control.pause()
      setImmediate(() => control.resume())
    }
    await handler.over
    expect(handler.size).toBe(4 * megabyte)
  })

  it('a client may resume without a pause, and pause twice', async () => {
    const upstream = await rawUpstream(answering(answer('200 OK', [], 'hello')))
    const { handler, control } = dispatch(upstream)
    handler.onCall = (name) => {
      if (name !== 'head 200') return
      control.resume()
      control.pause()
      control.pause()
      setImmediate(() => {
        control.resume()
        control.resume()
      })
    }
    await handler.over
    expect(handler.calls).toEqual(['sent', 'head 200', 'data', 'end'])
  })

  it('a client may abort while it is paused', async () => {
    const upstream = await rawUpstream(flooding([], Buffer.alloc(hugeSize)))
    const { handler, control } = dispatch(upstream)
    handler.onCall = (name) => {
      if (name === 'data') control.pause()
    }
    await expect.poll(() => handler.chunks.length).toBe(1)
    control.abort()
    await expect.poll(() => upstream.connections[0]?.isClosed).toBe(true)
    expect(handler.calls).toEqual(['sent', 'head 200', 'data'])
  })
})

describe.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', (bytes: Buffer) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
])('a body that came as %s although the request asked for identity', (coding, compress) => {
  const plain = Buffer.from('hello 世界 '.repeat(1000))
  const head = [`content-encoding: ${coding}`, 'x-a: 1']

  it(`a ${coding} body arrives decoded, with the right headers`, async () => {
    const { handler } = dispatch(await rawUpstream(answering(answer('200 OK', head, compress(plain)))))
    await handler.over
    expect(handler.calls).toEqual(['sent', 'head 200', 'data', 'end'])
    expect(handler.body.equals(plain)).toBe(true)
    expect(handler.headers).toEqual(['x-a', '1'])
  })

  it(`a ${coding} body that is cut is an error`, async () => {
    const cut = compress(plain).subarray(0, -10)
    const { handler } = dispatch(await rawUpstream(answering(answer('200 OK', head, cut))))
    await handler.over
    expect(handler.calls.at(-1)).toBe('error')
    expect(handler.calls.filter((name) => name === 'error' || name === 'end')).toHaveLength(1)
  })

  it(`a body that only claims to be ${coding} is an error and closes the connection`, async () => {
    const upstream = await rawUpstream(flooding(head, Buffer.alloc(hugeSize, 'not coded')))
    const { handler } = dispatch(upstream)
    await handler.over
    expect(handler.calls).toEqual(['sent', 'head 200', 'error'])
    await expect.poll(() => upstream.connections[0]?.isClosed).toBe(true)
  })

  it(`a ${coding} body stops the upstream while the client is paused`, async () => {
    // Noise does not compress, so the coded body is as long as the plain one.
    const noise = Buffer.from(
      Uint32Array.from({ length: 8 * megabyte }, (_, at) => Math.imul(at, 2_654_435_761) ^ (at << 7)).buffer,
    )
    const body =
      coding === 'deflate'
        ? deflateSync(noise, { level: 0 })
        : coding === 'gzip'
          ? gzipSync(noise, { level: 0 })
          : compress(noise)
    const upstream = await rawUpstream(flooding(head, body))
    const { handler, control } = dispatch(upstream)
    handler.onCall = (name) => {
      if (name === 'data') control.pause()
    }
    await expect.poll(() => handler.chunks.length).toBeGreaterThan(0)
    await settled(() => upstream.connections[0]?.socket.bytesWritten ?? 0)
    expect(handler.size).toBeLessThan(megabyte)
    expect(upstream.connections[0]?.socket.writableNeedDrain).toBe(true)
    handler.onCall = () => {}
    control.resume()
    await handler.over
    expect(handler.body.equals(noise)).toBe(true)
  })

  it(`a ${coding} body may be empty after HEAD`, async () => {
    const bytes = `HTTP/1.1 200 OK\r\n${head[0]}\r\ncontent-length: 5\r\n\r\n`
    const { handler } = dispatch(await rawUpstream(answering(bytes)), 'HEAD')
    await handler.over
    expect(handler.calls).toEqual(['sent', 'head 200', 'end'])
  })
})

it.each([
  ['deflate', 'one byte', deflateSync, Buffer.from('z')],
  ['deflate', 'a kilobyte', deflateSync, Buffer.alloc(1024, 'z')],
  ['deflate', 'one byte', deflateRawSync, Buffer.from('z')],
  ['br', 'one byte', brotliCompressSync, Buffer.from('z')],
  ['br', 'a kilobyte', brotliCompressSync, Buffer.alloc(1024, 'z')],
  ['gzip', 'padding', gzipSync, Buffer.alloc(16)],
])(
  'a %s body with %s behind its end is over, and its connection closed, although the upstream never ends it',
  async (coding, _what, compress, behind) => {
    const body = Buffer.concat([compress('hello'), behind])
    const upstream = await rawUpstream(async ({ until, socket }) => {
      await until('\r\n\r\n')
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: ${coding}\r\ntransfer-encoding: chunked\r\n\r\n`)
      socket.write(`${body.length.toString(16)}\r\n`)
      socket.write(body)
      socket.write('\r\n')
    })
    const { handler } = dispatch(upstream)
    await handler.over
    expect(handler.calls).toEqual(['sent', 'head 200', 'data', 'end'])
    expect(handler.text).toBe('hello')
    await expect.poll(() => upstream.connections[0]?.isClosed).toBe(true)
  },
)

it('a coded stream is decoded while it arrives, not at its end', async () => {
  const gzip = createGzip()
  const upstream = await rawUpstream(async ({ until, socket }) => {
    await until('\r\n\r\n')
    socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n')
    gzip.on('data', (bytes: Buffer) => socket.write(bytes))
    gzip.on('end', () => socket.end())
    gzip.write('first')
    gzip.flush()
  })
  const { handler } = dispatch(upstream)
  await expect.poll(() => handler.text).toBe('first')
  gzip.end(' last')
  await handler.over
  expect(handler.text).toBe('first last')
})

it('an abort after a coded body has arrived completely does not end another request', async () => {
  const body = gzipSync(Buffer.alloc(4 * megabyte))
  let answerSecond = (): void => {}
  const upstream = await rawUpstream(async ({ until, received, socket }) => {
    await until('\r\n\r\n', received.length)
    socket.write(answer('200 OK', ['content-encoding: gzip'], body))
    await until('GET /second')
    answerSecond = () => void socket.write(answer('200 OK', [], 'second'))
  })
  const transport = undiciTransport()
  onTestFinished(() => transport.close())
  const request = { origin: upstream.origin, path: '/', method: 'GET', headers: [], body: null }
  const first = new RecordingHandler()
  const control = transport.dispatch(request, first)
  first.onCall = (name) => {
    if (name === 'data') control.pause()
  }
  await expect.poll(() => first.chunks.length).toBeGreaterThan(0)
  await settled(() => first.size)
  const second = new RecordingHandler()
  transport.dispatch({ ...request, path: '/second' }, second)
  await expect.poll(() => upstream.connections[0]?.received).toContain('GET /second')
  control.abort()
  answerSecond()
  await second.over
  expect(second.error).toBe(null)
  expect(second.text).toBe('second')
  expect(first.calls).not.toContain('end')
  expect(upstream.connections).toHaveLength(1)
})

it('a body of an unknown coding is passed on with its header', async () => {
  const reply = answer('200 OK', ['content-encoding: snappy'], 'coded')
  const { handler } = dispatch(await rawUpstream(answering(reply)))
  await handler.over
  expect(handler.headers).toEqual(['content-encoding', 'snappy', 'content-length', '5'])
  expect(handler.text).toBe('coded')
})

it('a coded body can be aborted in its middle', async () => {
  const upstream = await rawUpstream(flooding(['content-encoding: gzip'], gzipSync(Buffer.alloc(hugeSize))))
  const { handler, control } = dispatch(upstream)
  handler.onCall = (name) => {
    if (name === 'data') control.abort()
  }
  await expect.poll(() => upstream.connections[0]?.isClosed).toBe(true)
  const { length } = handler.chunks
  await settled(() => handler.size)
  expect(handler.chunks).toHaveLength(length)
  expect(handler.calls).toEqual(['sent', 'head 200', 'data'])
})
