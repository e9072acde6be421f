import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { answering, rawUpstream } from '../../testing/raw-upstream.js'
import { scriptedTransport } from '../../testing/scripted-transport.js'
import { readAll, type SimulatedPool, simulatedPool } from '../../testing/simulated-pool.js'

const event = (delta: object, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`

const whole = `${event({ role: 'assistant' })}${event({ content: 'Hi' }, 'stop')}data: [DONE]\n\n`
const role = event({ role: 'assistant' })

/** A pool of two whose first call gets this stream under this head, in pieces of one byte. */
async function answered(stream: string, headers: readonly string[]): Promise<SimulatedPool> {
  let calls = 0
  const transport = scriptedTransport(() => ({
    headers: calls++ === 0 ? headers : ['content-type', 'text/event-stream'],
    chunks: Array.from(Buffer.from(calls === 1 ? stream : whole), (byte) => Buffer.from([byte])),
  }))
  const upstream = await simulatedPool({ pool: { transport } })
  await upstream.pool.ready
  return upstream
}

const labels: [string, readonly string[]][] = [
  ['application/json', ['content-type', 'application/json']],
  ['application/json with a charset', ['content-type', 'application/json; charset=utf-8']],
  ['text/plain', ['content-type', 'text/plain']],
  ['application/octet-stream', ['content-type', 'application/octet-stream']],
  ['text/html', ['content-type', 'text/html']],
  ['nothing', []],
]

describe.each(labels)('a stream labelled as %s, when the request asked for a stream,', (_label, headers) => {
  it.each([
    ['data', whole],
    ['a comment', `: keep-alive\n\n${whole}`],
    ['the name of an event', `event: message\n${whole}`],
    ['an id', `id: 1\n${whole}`],
    ['a retry time', `retry: 1\n\n${whole}`],
    ['a byte order mark', `\uFEFF${whole}`],
    ['blank lines', `\r\n\r\n${whole}`],
  ])('is a stream from its first bytes on: %s', async (_what, stream) => {
    const upstream = await answered(stream, headers)
    const response = await upstream.stream()
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.get('x-sfpool-attempts')).toBe('1')
    const reader = response.body?.getReader()
    const first = Buffer.from((await reader?.read())?.value ?? []).toString()
    let text = first
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read())
      text += Buffer.from(next.value).toString()
    expect(text).toBe(stream)
    expect(first).toContain('"content":"Hi"')
    expect(first).not.toContain('[DONE]')
  })

  it('fails over before output, and is cut behind it', async () => {
    const upstream = await answered(role, headers)
    const response = await upstream.stream()
    expect(response.headers.get('x-sfpool-attempts')).toBe('2')
    expect((await readAll(response)).text).toBe(whole)
    const broken = await answered(role + event({ content: 'Hi' }), headers)
    expect((await readAll(await broken.stream())).error).toMatchObject({ code: 'stream_interrupted' })
  })
})

describe('an answer that is no stream', () => {
  const reply = '{"choices":[{"message":{"content":"Hi"}}]}'

  it.each([
    ['JSON', reply],
    ['JSON behind blank lines', `\n\n \r\n${reply}`],
  ])('stays what its head says although a stream was asked for: %s', async (_what, body) => {
    const upstream = await answered(body, ['content-type', 'application/json'])
    const response = await upstream.stream()
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.text()).toBe(body)
  })

  it('stays text when no stream was asked for, even if it looks like one', async () => {
    const upstream = await answered(whole, ['content-type', 'text/plain'])
    const response = await upstream.chat()
    expect(response.headers.get('content-type')).toBe('text/plain')
    expect(await response.text()).toBe(whole)
  })
})

describe('a coded stream, however it is labelled,', () => {
  const codings: [string, (bytes: Buffer) => Buffer][] = [
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
  ]
  const types = ['text/event-stream', 'application/json', 'text/plain']

  it.each(codings.flatMap(([coding, code]) => types.map((type) => [coding, type, code] as const)))(
    'is decoded and understood: %s, %s',
    async (coding, type, code) => {
      const bytes = code(Buffer.from(whole))
      const head = `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-encoding: ${coding}\r\ncontent-length: ${bytes.length}\r\n\r\n`
      const raw = await rawUpstream(answering(Buffer.concat([Buffer.from(head), bytes])))
      const upstream = await simulatedPool({ pool: { baseURL: raw.origin } })
      const response = await upstream.stream()
      expect(response.headers.get('content-encoding')).toBeNull()
      const { text, error } = await readAll(response)
      expect(error).toBeNull()
      expect(text).toBe(whole)
      expect(upstream.pool.stats()).toMatchObject({ successes: 1, failures: {} })
    },
  )

  it('goes on unread when nobody here knows its coding', async () => {
    const bytes = Buffer.from('\x01\x02 coded in a way of its own \n\n \x03', 'latin1')
    const transport = scriptedTransport(() => ({
      headers: ['content-type', 'text/event-stream', 'content-encoding', 'own'],
      chunks: [bytes],
    }))
    const own = await simulatedPool({ pool: { transport, streams: { heartbeatMs: 100, mode: 'smooth' } } })
    await own.pool.ready
    const response = await own.stream()
    expect(response.headers.get('content-encoding')).toBe('own')
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes)
    expect(own.pool.stats()).toMatchObject({ successes: 1 })
  })
})
