import { expect, it } from 'vitest'
import { poolUnderTest } from '../../testing/pool-under-test.js'
import { rawUpstream } from '../../testing/raw-upstream.js'

const json = 'content-type: application/json\r\n'

it.each([
  ['words before HTTP', 'hello\r\n\r\n'],
  ['a greeting of another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['TLS', Buffer.from([0x15, 3, 1, 0, 2, 2, 0x28])],
  ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
  ['status 100 and no other', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ['status 199 and half a head', 'HTTP/1.1 199 X\r\n\r\nHTTP/1.1 199'],
  ['a status of no digits', 'HTTP/1.1 abc OK\r\n\r\n'],
  ['status 99', `HTTP/1.1 099 X\r\n${json}content-length: 2\r\n\r\n{}`],
  ['status 600', `HTTP/1.1 600 X\r\n${json}content-length: 2\r\n\r\n{}`],
  ['status 999', `HTTP/1.1 999 X\r\n${json}content-length: 2\r\n\r\n{}`],
  ['a header without a colon', 'HTTP/1.1 200 OK\r\nbroken\r\n\r\n'],
  ['a header with a control character', 'HTTP/1.1 200 OK\r\nx-a: b\u0001\u0000c\r\n\r\n'],
  ['headers of 100 KB', `HTTP/1.1 200 OK\r\nx-a: ${'b'.repeat(100_000)}\r\n\r\n`],
  ['two lengths', `HTTP/1.1 200 OK\r\n${json}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`],
  ['a length of letters', `HTTP/1.1 200 OK\r\n${json}content-length: ab\r\n\r\n{}`],
  [
    'a length and chunks',
    `HTTP/1.1 200 OK\r\n${json}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}`,
  ],
  ['chunks of no size', `HTTP/1.1 200 OK\r\n${json}transfer-encoding: chunked\r\n\r\nxyz\r\n{}\r\n`],
])(
  '%s in place of an answer costs at most three calls, however many keys there are',
  async (_name, bytes) => {
    const upstream = await rawUpstream(async (connection) => {
      await connection.until('"messages"')
      connection.socket.end(bytes)
    })
    const keys = Array.from({ length: 40 }, (_, at) => `sk-no-http-${String(at).padStart(4, '0')}`)
    const { pool } = await poolUnderTest({ keys, baseURL: upstream.origin })
    const request = { method: 'POST', body: '{"model":"m","messages":[]}' }
    const response = await pool.fetch(`${pool.baseURL}/chat/completions`, request)
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({ error: { code: 'upstream_unreachable' } })
    expect(upstream.connections.length).toBeLessThanOrEqual(3)
    expect(pool.keys.list().filter(({ status }) => status === 'invalid')).toEqual([])
  },
)
