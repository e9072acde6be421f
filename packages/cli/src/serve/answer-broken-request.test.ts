import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { answerBrokenRequests } from './answer-broken-request.js'

/** What a client receives for these bytes until its connection is closed. */
async function received(...pieces: readonly string[]): Promise<string> {
  const server = createServer((request, response) => {
    if (request.url === '/begun') response.write('begun')
    else response.end('served')
  })
  answerBrokenRequests(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  let text = ''
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.on('close', resolve))
  const [first = '', ...rest] = pieces
  socket.write(first)
  socket.on('data', (chunk) => {
    text += String(chunk)
    const next = rest.shift()
    if (next !== undefined) socket.write(next)
  })
  await closed
  return text
}

it.each([
  ['words', 'GARBAGE\r\n\r\n', 400],
  ['an unknown version', 'GET / HTTP/3.7\r\nhost: a\r\n\r\n', 400],
  ['a header without a colon', 'GET / HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n', 400],
  ['a negative length', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n', 400],
  ['headers of 70 KB', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'a'.repeat(70_000)}\r\n\r\n`, 431],
])(
  'a request of %s is answered in the error shape, and its connection is closed',
  async (_what, text, status) => {
    const [head = '', body = ''] = (await received(text)).split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(head).toContain('connection: close')
    expect(JSON.parse(body)).toMatchObject({
      error: { code: 'invalid_request', type: 'invalid_request_error' },
    })
  },
)

it('bad HTTP behind a good request does not disturb the answer to that one', async () => {
  const text = await received('GET / HTTP/1.1\r\nhost: a\r\n\r\n', 'GARBAGE\r\n\r\n')
  expect(text).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*servedHTTP\/1\.1 400 /)
})

it('bad HTTP behind an answer that has begun ends the connection without another answer', async () => {
  const text = await received('GET /begun HTTP/1.1\r\nhost: a\r\n\r\n', 'GARBAGE\r\n\r\n')
  expect(text).toContain('begun')
  expect(text).not.toContain('400')
})
