import { describe, expect, it, onTestFinished } from 'vitest'
import { answer, answering, rawUpstream } from '../testing/raw-upstream.js'
import { RecordingHandler } from '../testing/recording-handler.js'
import { undiciTransport } from './undici-transport.js'

const last = answer('200 OK', ['content-type: text/plain', 'x-last: yes'], 'the real one').toString('latin1')
const interim = (status: string, ...headers: string[]): string =>
  [`HTTP/1.1 ${status}`, ...headers, '', ''].join('\r\n')

async function ask(
  pieces: readonly string[],
  { times = 1, method = 'GET' } = {},
): Promise<RecordingHandler[]> {
  const upstream = await rawUpstream(async (connection) => {
    for (let from = 0, served = 0; served < times; served++) {
      await connection.until('\r\n\r\n', from)
      from = connection.received.length
      for (const piece of pieces) {
        connection.socket.write(piece, 'latin1')
        // The next piece leaves in a packet of its own.
        await new Promise<void>((resolve) => setImmediate(resolve))
      }
    }
  })
  const transport = undiciTransport()
  onTestFinished(() => transport.close())
  const handlers: RecordingHandler[] = []
  for (let at = 0; at < times; at++) {
    const handler = new RecordingHandler()
    const body = method === 'POST' ? Buffer.from('{"model":"m"}') : null
    transport.dispatch({ origin: upstream.origin, path: '/v1/x', method, headers: [], body }, handler)
    await handler.over
    // By then the connection is free for the next request.
    await new Promise<void>((resolve) => setImmediate(resolve))
    handlers.push(handler)
  }
  expect(upstream.connections).toHaveLength(1)
  return handlers
}

const expectLast = (handlers: readonly RecordingHandler[]): void => {
  for (const { status, headers, text, calls } of handlers) {
    expect([status, text, calls.at(-1)]).toEqual([200, 'the real one', 'end'])
    expect(headers).toEqual(['content-type', 'text/plain', 'x-last', 'yes', 'content-length', '12'])
  }
}

describe('an interim answer that nobody asked for is read past', () => {
  it.each([
    ['100', interim('100 Continue')],
    ['100 with headers', interim('100 Continue', 'x-interim: 1', 'date: Tue, 01 Sep 2026 00:00:00 GMT')],
    ['100 without a reason', 'HTTP/1.1 100\r\n\r\n'],
    ['100 of HTTP/1.0', 'HTTP/1.0 100 Continue\r\n\r\n'],
    ['100 whose lines end with LF alone', 'HTTP/1.1 100 Continue\nx-interim: 1\n\n'],
    ['100 behind an empty line', `\r\n${interim('100 Continue')}`],
    ['102', interim('102 Processing')],
    ['103 with links', interim('103 Early Hints', 'link: </a.css>; rel=preload', 'link: </b.css>')],
    ['an unknown 1xx', interim('199 Odd')],
    [
      'several',
      interim('100 Continue') + interim('102 Processing') + interim('103 Early Hints', 'link: <x>'),
    ],
    ['the same one 50 times', interim('100 Continue').repeat(50)],
  ])('%s, in one piece, cut before the real answer, and cut anywhere', async (_name, text) => {
    expectLast(await ask([text + last], { times: 2 }))
    expectLast(await ask([text, last], { times: 2, method: 'POST' }))
    const whole = text.slice(0, 120) + text.slice(120) + last
    expectLast(await ask([whole.slice(0, 7), whole.slice(7, 11), whole.slice(11, 24), whole.slice(24)]))
    if (text.length < 100) expectLast(await ask([...(text + last)]))
  })
})

describe('a connection that is no answer fails as it did', () => {
  it.each([
    ['endless interim answers', interim('100 Continue', `x: ${'x'.repeat(4_000)}`).repeat(20) + last],
    ['a switch of protocols', interim('101 Switching Protocols', 'upgrade: x', 'connection: upgrade')],
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ])('%s', async (_name, text) => {
    const upstream = await rawUpstream(answering(text))
    const transport = undiciTransport()
    onTestFinished(() => transport.close())
    const handler = new RecordingHandler()
    transport.dispatch(
      { origin: upstream.origin, path: '/v1/x', method: 'GET', headers: [], body: null },
      handler,
    )
    await handler.over
    expect(handler.calls.at(-1)).toBe('error')
  })

  it('an interim answer alone is no answer', async () => {
    const upstream = await rawUpstream(async (connection) => {
      await connection.until('\r\n\r\n')
      connection.socket.end(interim('100 Continue'))
    })
    const transport = undiciTransport()
    onTestFinished(() => transport.close())
    const handler = new RecordingHandler()
    transport.dispatch(
      { origin: upstream.origin, path: '/v1/x', method: 'GET', headers: [], body: null },
      handler,
    )
    await handler.over
    expect(handler.calls).toEqual(['sent', 'error'])
  })
})
