import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { poolUnderTest } from '../../testing/pool-under-test.js'
import { scriptedTransport } from '../../testing/scripted-transport.js'

const usual = 'canary-4f9d8a7b6c5e-0123456789-abcdefghij-klmnop'
const odd = `can"ary/&<key>+%20\\with=many'signs~and|more$`
const short = 'k7-q'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** The ways in which upstreams repeat what they were sent. */
const forms: readonly (readonly [string, (key: string) => string])[] = [
  ['as it is', (key) => key],
  ['behind Bearer', (key) => `Bearer ${key}`],
  ['in other case', (key) => key.toUpperCase()],
  ['escaped for JSON', (key) => JSON.stringify(key).slice(1, -1)],
  ['escaped for JSON twice', (key) => JSON.stringify(JSON.stringify(key)).slice(1, -1)],
  ['escaped for JSON with slashes', (key) => JSON.stringify(key).slice(1, -1).replaceAll('/', '\\/')],
  ['encoded for a URL', encodeURIComponent],
  ['encoded for a form', (key) => encodeURIComponent(key).replaceAll('%20', '+')],
  [
    'encoded for a URL in lower case',
    (key) => encodeURIComponent(key).replace(/%../g, (code) => code.toLowerCase()),
  ],
]
const longForms: typeof forms = [
  ['in Base64', base64],
  ['as Basic', (key) => base64(`:${key}`)],
  ['as Basic of a user', (key) => base64(`user:${key}`)],
  ['as Basic with a password behind', (key) => base64(`${key}:secret`)],
  ['in Base64 for URLs', (key) => Buffer.from(`x${key}`).toString('base64url')],
  ['in hexadecimal digits', (key) => Buffer.from(key).toString('hex')],
  ['cut short', (key) => key.slice(0, 30)],
  ['without its end', (key) => key.slice(0, -3)],
  ['without its beginning', (key) => key.slice(3)],
  ['wholly encoded for a URL', (key) => Buffer.from(key).toString('hex').replace(/../g, '%$&')],
  ['escaped for C', (key) => Buffer.from(key).toString('hex').replace(/../g, '\\x$&')],
  ['in references of HTML', (key) => [...key].map((sign) => `&#${sign.charCodeAt(0)};`).join('')],
  ['in hexadecimal references', (key) => Buffer.from(key).toString('hex').replace(/../g, '&#x$&;')],
]

const cases = [
  ...[usual, odd, short].flatMap((key) => forms.map(([name, form]) => [name, key, form(key)] as const)),
  ...[usual, odd].flatMap((key) => longForms.map(([name, form]) => [name, key, form(key)] as const)),
]

const code = (sign: string): string => sign.charCodeAt(0).toString(16)

interface Sent {
  readonly status: number
  readonly headers: readonly string[]
  readonly chunks: readonly Buffer[]
}

/** What a client, a listener and a reader of the keys see of an answer. */
async function seen(key: string, sent: Sent, init: RequestInit = {}, path = '/chat/completions') {
  const transport = scriptedTransport(() => sent)
  const { pool } = await poolUnderTest({
    keys: [key],
    transport,
    provider: 'generic',
    baseURL: 'http://up.example',
    // The answer at once: a 429 would be waited for.
    queue: { maxWaitMs: 0 },
  })
  const told: unknown[] = []
  for (const name of ['attempt-end', 'key-invalid', 'key-exhausted', 'key-cooldown'] as const)
    pool.on(name as 'attempt-end', (event) => void told.push(event))
  const body = JSON.stringify({
    model: 'm',
    messages: [],
    stream: sent.headers.includes('text/event-stream'),
  })
  const response = await pool.fetch(`${pool.baseURL}${path}`, { method: 'POST', body, ...init })
  const text = await response.text().catch((error: unknown) => String(error))
  const headers = JSON.stringify([...response.headers])
  const rest = JSON.stringify([told, pool.keys.list(), pool.explain({ model: 'm' })])
  return { response, text, all: `${headers}\n${text}\n${rest}` }
}

const inPieces = (text: string): Buffer[] =>
  (text.match(/[\s\S]{1,7}/gu) ?? []).map((piece) => Buffer.from(piece))

describe.each(cases)('a key that the upstream repeats %s: %s', (_name, key, form) => {
  it('is masked in errors, whatever cuts they come in', async () => {
    const inJson = JSON.stringify(form).slice(1, -1)
    const bodies = [
      `{"error":{"message":"no ${inJson} here","code":"${inJson}"}}`,
      `no "${form}" here`,
      `<title>"${form}"</title>`,
    ]
    for (const body of bodies) {
      for (const status of [400, 401, 403, 429, 500]) {
        const headers = [
          'content-type',
          'application/json',
          'content-length',
          String(Buffer.byteLength(body)),
        ]
        const { all, response, text } = await seen(key, { status, headers, chunks: inPieces(body) })
        expect(all).not.toContain(form)
        expect(all).not.toContain(inJson)
        if (key !== short) expect(all.toLowerCase()).not.toContain(key.slice(6, 24).toLowerCase())
        const length = response.headers.get('content-length')
        if (length !== null) expect(Number(length)).toBe(Buffer.byteLength(text))
      }
    }
  })

  it('is masked in headers, also of a success, whose body keeps its length', async () => {
    if (/[^ -~]/.test(form)) return
    const body = `{"choices":[{"message":{"content":"the word is ${JSON.stringify(key).slice(1, -1)}"}}]}`
    const headers = ['content-type', 'application/json', 'x-echo', form, 'location', `/x?key=${form}`]
    for (const status of [200, 404]) {
      const { response, text } = await seen(key, { status, headers, chunks: [Buffer.from(body)] })
      expect(JSON.stringify([...response.headers])).not.toContain(JSON.stringify(form).slice(1, -1))
      if (status === 200) expect(text).toHaveLength(body.length)
    }
  })

  it('is masked in the errors of streams, before output and after it', async () => {
    const event = `data: {"error":{"message":${JSON.stringify(form)},"code":"x"}}\n\n`
    const output = 'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n'
    const headers = ['content-type', 'text/event-stream']
    for (const stream of [event, output + event]) {
      const { all } = await seen(key, { status: 200, headers, chunks: inPieces(stream) })
      expect(all).not.toContain(JSON.stringify(form).slice(1, -1))
    }
  })
})

it('a key in the end of a failed response, which its clients get as it is, is masked', async () => {
  const failed = {
    type: 'response.failed',
    response: { status: 'failed', error: { code: 'server_error', message: `no ${usual}` } },
  }
  const events = [{ type: 'response.output_text.delta', delta: 'Hi' }, failed]
  const stream = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
  const headers = ['content-type', 'text/event-stream']
  const { text, all } = await seen(
    usual,
    { status: 200, headers, chunks: inPieces(stream) },
    {},
    '/responses',
  )
  expect(text).toContain('response.failed')
  expect(all).not.toContain(usual)
})

describe('a key in an answer that is passed on as it comes', () => {
  const chunk = 'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n'
  const done = 'data: [DONE]\n\n'
  it.each([
    [
      'a comment before output',
      '/chat/completions',
      200,
      'text/event-stream',
      `: ${usual}\n\n${chunk}${done}`,
    ],
    [
      'a comment behind output',
      '/chat/completions',
      200,
      'text/event-stream',
      `${chunk}: ${usual}\n\n${done}`,
    ],
    ['the output', '/chat/completions', 200, 'text/event-stream', `${chunk.replace('Hi', usual)}${done}`],
    ['a list of models', '/models', 200, 'application/json', `{"data":[{"id":"a"}],"key":"${usual}"}`],
    ['the answer about a user', '/user/info', 200, 'application/json', `{"data":{"token":"${usual}"}}`],
    ['a page', '/files/f/content', 200, 'text/html', `<p>${usual}</p>`],
    ['a redirect', '/models', 302, 'text/html', `<a href="/x?key=${usual}">here</a>`],
  ])('is masked in %s, in as many bytes', async (_place, path, status, type, body) => {
    const headers = ['content-type', type]
    const { text } = await seen(usual, { status, headers, chunks: inPieces(body) }, {}, path)
    expect(text).not.toContain(usual)
    expect(text).toHaveLength(body.length)
  })

  it('is no reason to change it where the key is so short that it may be a word', async () => {
    const body = '{"data":[{"id":"k7-q"}]}'
    const headers = ['content-type', 'application/json']
    expect((await seen(short, { status: 200, headers, chunks: inPieces(body) }, {}, '/models')).text).toBe(
      body,
    )
  })

  it('drops a header whose name repeats it', async () => {
    const headers = ['content-type', 'application/json', `x-${usual}`, '1', 'x-kept', '2']
    const sent = { status: 200, headers, chunks: [Buffer.from('{"data":[{"id":"a"}]}')] }
    const { response, all } = await seen(usual, sent, {}, '/models')
    expect(all).not.toContain(usual)
    expect(response.headers.get('x-kept')).toBe('2')
  })
})

describe('what is not masked', () => {
  it('a stream keeps its bytes, also those of words that look like a key', async () => {
    const stream = 'data: {"choices":[{"delta":{"content":"sk-other-0123456789abcdef"}}]}\n\ndata: [DONE]\n\n'
    const headers = ['content-type', 'text/event-stream']
    const { text } = await seen(usual, { status: 200, headers, chunks: inPieces(stream) })
    expect(text).toBe(stream)
  })

  it('a short key leaves the words alone in which it is', async () => {
    const body = '{"error":{"message":"k7-quick, xk7-q and k7-q_"}}'
    const { text } = await seen(short, {
      status: 400,
      headers: ['content-type', 'application/json'],
      chunks: [Buffer.from(body)],
    })
    expect(text).toBe(body)
  })

  it('an error that does not repeat the key goes on byte by byte', async () => {
    const body = ' {"error" : {"message":"n\\u00e4 sk-other"} }\n'
    const { text } = await seen(usual, {
      status: 400,
      headers: ['content-type', 'application/json'],
      chunks: [Buffer.from(body)],
    })
    expect(text).toBe(body)
  })

  it('an error of more than a megabyte is told in short, without the key', async () => {
    const body = Buffer.from(`${usual} ${'x'.repeat(2_000_000)} ${usual}`)
    const { text, response } = await seen(usual, {
      status: 400,
      headers: ['content-type', 'text/plain'],
      chunks: [body],
    })
    expect(response.status).toBe(400)
    expect(text.length).toBeLessThan(1_000)
    expect(text).not.toContain(usual)
  })

  it.each<[string, (sign: string, at: number) => string]>([
    ['for JSON', (sign, at) => (at % 2 === 0 ? sign : `\\u${code(sign).padStart(4, '0')}`)],
    ['for C', (sign, at) => (at % 3 === 0 ? sign : `\\x${code(sign)}`)],
    ['for a URL', (sign, at) => (at === 1 ? `%${code(sign)}` : sign)],
    ['for a URL twice', (sign, at) => (at % 2 === 0 ? sign : `%25${code(sign)}`)],
    ['for HTML', (sign, at) => (sign === '-' || at === 3 ? `&#${sign.charCodeAt(0)};` : sign)],
    ['for HTML, by hexadecimal digits', (sign, at) => (at % 5 === 0 ? `&#x${code(sign)};` : sign)],
  ])(
    'letters that are escaped here and there %s hide no key in a text that is no JSON',
    async (_what, form) => {
      const hidden = [...usual].map(form).join('')
      const { text, all } = await seen(usual, {
        status: 400,
        headers: ['content-type', 'text/plain'],
        chunks: [Buffer.from(`no {"${hidden}" at 100%`)],
      })
      expect(text).not.toContain(hidden)
      expect(text).toContain('at 100%')
      expect(all).not.toContain(JSON.stringify(hidden).slice(1, -1))
    },
  )

  it('an error in a coding that cannot be undone is told without its body', async () => {
    const body = gzipSync(gzipSync(gzipSync(usual)))
    const headers = [
      'content-type',
      'text/plain',
      'content-encoding',
      'gzip, gzip',
      'content-encoding',
      'gzip',
    ]
    const { response, text } = await seen(usual, { status: 400, headers, chunks: [body] })
    expect(response.status).toBe(400)
    expect(response.headers.has('content-encoding')).toBe(false)
    expect(JSON.parse(text)).toMatchObject({
      error: { message: expect.stringContaining('gzip, gzip, gzip'), type: 'invalid_request_error' },
    })
  })

  it('letters that JSON need not escape hide no key', async () => {
    const hidden = [...usual]
      .map((sign, at) => (at % 3 === 0 ? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}` : sign))
      .join('')
    const { text, all } = await seen(usual, {
      status: 400,
      headers: ['content-type', 'application/json'],
      chunks: [Buffer.from(`{"error":{"message":"${hidden}"}}`)],
    })
    expect(text).not.toContain(hidden)
    expect(JSON.stringify(JSON.parse(text)) + all).not.toContain(usual)
  })
})
