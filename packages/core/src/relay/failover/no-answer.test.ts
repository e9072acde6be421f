import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { poolUnderTest } from '../../testing/pool-under-test.js'
import { answer, rawUpstream } from '../../testing/raw-upstream.js'
import { RecordingSink } from '../../testing/recording-sink.js'
import { scriptedTransport } from '../../testing/scripted-transport.js'
import { model, type SimulatedPool, simulatedPool } from '../../testing/simulated-pool.js'
import { createCall } from '../request/call.js'

const portal =
  '<!DOCTYPE html>\n<html><head><title>Sign in &amp; go online</title></head><body>…</body></html>'

/** What upstreams, portals and panels send with a status of success in place of an answer (seen 2024 to 2026). */
const none: readonly (readonly [string, string, string])[] = [
  ['a page', 'text/html; charset=utf-8', portal],
  ['a page in capitals behind space', 'text/html', `\n\n  <HTML><H1>It works!</H1></HTML>`],
  ['a page behind a byte order mark', 'text/html', `\uFEFF${portal}`],
  ['a page that is labelled as JSON', 'application/json', portal],
  ['a large page', 'text/html', `${portal}${'<p>x</p>'.repeat(40_000)}`],
  ['a large page that is labelled as JSON', 'application/json', `${portal}${'<p>x</p>'.repeat(40_000)}`],
  ['plain words', 'text/plain', 'Server is running.'],
  ['plain words labelled as JSON', 'application/json', 'OK'],
  ['plain words without a label', '', 'hello from nginx'],
  ['broken JSON', 'application/json', '{"choices":[{"message":}]}'],
  ['JSON with words behind it', 'application/json', '{"choices":[]} trailing'],
  ['null', 'application/json', 'null'],
  ['true', 'application/json', 'true'],
  ['a number', 'application/json', '404'],
  ['a list', 'application/json', '[]'],
  ['an empty object', 'application/json', '{}'],
  ['an empty object behind a byte order mark', 'application/json', '\uFEFF{}'],
  ['an envelope of failure', 'application/json', '{"success":false}'],
  [
    'an envelope of failure with words',
    'application/json',
    '{"success":false,"message":"请先登录","data":null}',
  ],
  [
    'an envelope of success',
    'application/json',
    '{"code":0,"msg":"ok","data":{"login_url":"https://x.example"}}',
  ],
  ['choices that are null', 'application/json', '{"id":"x","choices":null,"usage":{"total_tokens":0}}'],
  ['an empty text', 'text/html', ''],
]

async function served(
  [, type, body]: (typeof none)[number],
  more: { status?: number; keys?: number } = {},
): Promise<SimulatedPool> {
  const { status = 200, keys = 2 } = more
  const upstream = await simulatedPool({ keys })
  const headers: Record<string, string> = type === '' ? {} : { 'content-type': type }
  upstream.simulator.faults.add({
    when: { account: 'account-1' },
    fault: { kind: 'answer', status, headers, body },
  })
  return upstream
}

const marked = (upstream: SimulatedPool): void => {
  expect(upstream.usedKeys).toEqual([0, 1])
  expect(upstream.health[0]).toMatch(/^(truncated|overload) on /)
  expect(upstream.health[1]).toBe('ready')
}

describe('what is no answer, on a generating route, is the next key’s to answer, and marks the first', () => {
  it.each(none)('%s', async (...row) => {
    const upstream = await served(row)
    const response = await upstream.chat()
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ choices: [{ finish_reason: 'stop' }] })
    marked(upstream)
  })

  it.each([204, 205, 203, 302, 307])('status %i without a body', async (status) => {
    const upstream = await served(['', '', ''], { status })
    expect(await (await upstream.chat()).json()).toMatchObject({ choices: [{}] })
    marked(upstream)
  })

  it('a page where a stream was asked for', async () => {
    const upstream = await served(['', 'text/html', portal])
    expect(await (await upstream.stream()).text()).toMatch(/data: \[DONE\]\n\n$/)
    marked(upstream)
  })
})

describe('JSON that blames a key under a status of success is believed', () => {
  it.each([
    ['a code of 401', '{"code":401}'],
    ['a code of 401 with words', '{"code":401,"msg":"token expired","data":null}'],
    ['words', '{"success":false,"message":"Invalid API key"}'],
    [
      'MiniMax’s words',
      '{"id":"1","choices":null,"base_resp":{"status_code":2049,"status_msg":"invalid api key"}}',
    ],
    ['a bare text', '"Invalid token"'],
  ])('%s', async (_name, body) => {
    const upstream = await served(['', 'application/json', body])
    expect((await upstream.chat()).status).toBe(200)
    expect(upstream.health).toEqual(['invalid', 'ready'])
  })

  it('and so is an empty account', async () => {
    const body =
      '{"id":"1","choices":null,"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}'
    const upstream = await served(['', 'application/json', body])
    expect((await upstream.chat()).status).toBe(200)
    expect(upstream.health).toEqual(['exhausted', 'ready'])
  })

  it('but plain words and pages blame nobody', async () => {
    for (const body of ['Unauthorized', '<html><title>Invalid API key</title></html>']) {
      const upstream = await served(['', 'text/html', body])
      expect((await upstream.chat()).status).toBe(200)
      marked(upstream)
    }
  })
})

describe('when no key brings an answer', () => {
  it.each([
    ['a page', 'text/html', portal, 'a web page ("Sign in & go online")'],
    ['broken JSON', 'application/json', '{"choices":[}', 'broken JSON'],
    ['plain words', 'text/plain', 'Server is running.', '"Server is running."'],
    ['an envelope', 'application/json', '{"success":false}', '"{"success":false}"'],
  ])('the client gets 502 and words about %s', async (_name, type, body, words) => {
    const upstream = await simulatedPool()
    const headers = { 'content-type': type }
    upstream.simulator.faults.add({ fault: { kind: 'answer', status: 200, headers, body } })
    const response = await upstream.chat()
    expect(response.status).toBe(502)
    expect(response.headers.get('content-type')).toBe('application/json')
    const { error } = (await response.json()) as { error: { message: string; code: string } }
    expect(error.code).toBe('upstream_unreachable')
    expect(error.message).toContain(`the upstream sent ${words} in place of an answer`)
  })

  it('a portal on the way is met by three keys of a hundred, not by all', async () => {
    const upstream = await simulatedPool({ keys: 100 })
    const headers = { 'content-type': 'text/html' }
    upstream.simulator.faults.add({ fault: { kind: 'answer', status: 200, headers, body: portal } })
    expect((await upstream.chat()).status).toBe(502)
    expect(upstream.calls).toHaveLength(3)
  })

  it('words that repeat the key are quoted without it', async () => {
    const key = 'canary-4f9d8a7b6c5e-0123456789-abcdefghij-klmnop'
    const sent = {
      status: 200,
      headers: ['content-type', 'text/plain'],
      chunks: [Buffer.from(`${key} is not signed in`)],
    }
    const { pool } = await poolUnderTest({ keys: [key], transport: scriptedTransport(() => sent) })
    const told: unknown[] = []
    pool.on('attempt-end', (event) => void told.push(event))
    const sink = new RecordingSink()
    const body = { bytes: Buffer.from('{"model":"m","messages":[]}') }
    const call = createCall({ method: 'POST', path: '/chat/completions', headers: [], body }, pool.provider)
    const { error, status } = await pool.relay(call, sink)
    expect([status, error?.code]).toEqual([502, 'upstream_unreachable'])
    expect(sink.text).toContain('is not signed in')
    expect(JSON.stringify([told, pool.keys.list(), error?.message, sink.text])).not.toContain(key)
  })

  it('a redirect is told with where it leads, and does not lead the client there', async () => {
    const upstream = await simulatedPool()
    const headers = { location: 'https://portal.example/login?next=%2F' }
    upstream.simulator.faults.add({ fault: { kind: 'answer', status: 302, headers, body: '' } })
    const response = await upstream.chat()
    expect(response.status).toBe(502)
    expect(response.headers.get('location')).toBeNull()
    expect(await response.text()).toContain('a redirect (HTTP 302 to https://portal.example)')
  })
})

describe('what goes to the client untouched', () => {
  /** Errors in JSON, and JSON that is cut, are failures on every route. */
  const failures = [
    'a large page that is labelled as JSON',
    'JSON with words behind it',
    'an envelope of failure with words',
  ]

  it.each(none.filter(([name]) => !failures.includes(name)))(
    'on a route that generates nothing: %s',
    async (...row) => {
      const upstream = await served(row)
      const response = await upstream.ask('/embeddings', { model, input: 'x' })
      expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(row[2]))
      expect(upstream.health[0]).toBe('ready')
    },
  )

  it.each([
    ['an answer of another API', '{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}]}'],
    ['an answer behind a byte order mark', '\uFEFF{"choices":[{"message":{"content":"Hi"}}]}'],
    ['an answer labelled as text', '{"choices":[{"message":{"content":"Hi"}}]}'],
    ['a response', '{"object":"response","status":"queued","output":[]}'],
  ])('%s', async (name, body) => {
    const upstream = await served(['', name.endsWith('text') ? 'text/plain' : 'application/json', body])
    const response = await upstream.chat()
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(body))
    expect(upstream.usedKeys).toEqual([0])
  })

  it('what was accepted for later', async () => {
    const upstream = await served(['', 'application/json', '{"id":"task-1"}'], { status: 202 })
    expect(await (await upstream.chat()).text()).toBe('{"id":"task-1"}')
  })
})

describe('bytes of other codings', () => {
  const good = answer(
    '200 OK',
    ['content-type: application/json'],
    '{"choices":[{"message":{"content":"good"}}]}',
  )
  const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le')
  const chat = '{"choices":[{"message":{"content":"Hi"}}]}'

  /** Two keys, of which the first one asked gets this answer. */
  async function replyTo(headers: readonly string[], body: Buffer): Promise<Buffer> {
    let asked = 0
    const upstream = await rawUpstream(async (connection) => {
      for (let from = 0; ; ) {
        await connection.until('"messages"', from)
        from = connection.received.length
        connection.socket.write(++asked === 1 ? answer('200 OK', headers, body) : good)
      }
    })
    const { pool } = await poolUnderTest({ keys: ['sk-one', 'sk-two'], baseURL: upstream.origin })
    const request = { method: 'POST', body: '{"model":"m","messages":[]}' }
    return Buffer.from(await (await pool.fetch(`${pool.baseURL}/chat/completions`, request)).arrayBuffer())
  }

  it.each([
    ['a page in gzip', ['content-type: text/html', 'content-encoding: gzip'], gzipSync(portal)],
    ['an empty object in gzip', ['content-type: application/json', 'content-encoding: gzip'], gzipSync('{}')],
    ['a page in UTF-16', ['content-type: text/html; charset=utf-16le'], utf16(portal)],
    ['null in UTF-16', ['content-type: application/json'], utf16('null')],
  ])('%s is no answer', async (_name, headers, body) => {
    expect((await replyTo(headers, body)).toString()).toContain('good')
  })

  it.each([
    ['UTF-16', ['content-type: application/json'], utf16(chat)],
    [
      'UTF-16 without a mark',
      ['content-type: application/json; charset="utf-16le"'],
      utf16(chat).subarray(2),
    ],
    [
      'GBK',
      ['content-type: application/json; charset=gbk'],
      Buffer.from(chat.replace('Hi', '\xc4\xe3'), 'latin1'),
    ],
    ['a charset nobody knows', ['content-type: application/json; charset=martian'], Buffer.from(chat)],
  ])('an answer in %s goes to the client byte by byte', async (_name, headers, body) => {
    expect(await replyTo(headers, body)).toEqual(body)
  })
})
