import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { siliconflow } from '../../provider/siliconflow.js'
import type { Body } from './body.js'
import { type Call, type CallInput, createCall } from './call.js'

const call = (input: Partial<CallInput> = {}): Call =>
  createCall({ method: 'POST', path: '/chat/completions', headers: [], body: null, ...input }, siliconflow())

const json = ['Content-Type', 'application/json']
const bytes = (text: string): Body => ({ bytes: new TextEncoder().encode(text) })

describe('a call', () => {
  it('keeps the method, path and query of the request', () => {
    expect(call({ method: 'DELETE', path: '/files/a%2Fb?x=1&x=2&y=%20' })).toMatchObject({
      method: 'DELETE',
      path: '/files/a%2Fb?x=1&x=2&y=%20',
    })
  })

  it('finds its route by the path without the query', () => {
    expect(call({ path: '/chat/completions?a=/embeddings' }).route.name).toBe('chat')
    expect(call({ path: '/messages' }).route.terminator).toBe('message_stop')
    expect(call({ path: '/files' }).route.repeat).toBe('if-refused')
    expect(call({ method: 'GET', path: '/files' }).route.repeat).toBe('safe')
  })

  it('has a request id only when the input has one', () => {
    expect(call().requestId).toBeNull()
    expect(call({ requestId: 'r-1' }).requestId).toBe('r-1')
  })

  it('has cleaned headers', () => {
    expect(call({ headers: ['Cookie', 'a=b', ...json] }).headers).toEqual([
      'accept-encoding',
      'identity',
      'content-type',
      'application/json',
    ])
  })
})

describe('the credential header of a call', () => {
  it.each<[string, string[], Call['credentialHeader']]>([
    ['no key', [], 'authorization'],
    ['a bearer token', ['Authorization', 'Bearer x'], 'authorization'],
    ['an API key', ['X-Api-Key', 'x'], 'x-api-key'],
    ['an API key in lower case', ['x-api-key', 'x'], 'x-api-key'],
    ['both', ['x-api-key', 'x', 'authorization', 'Bearer x'], 'authorization'],
    ['both, the other way round', ['authorization', 'Bearer x', 'x-api-key', 'x'], 'authorization'],
  ])(
    'is, for an Anthropic client with %s, the header that the client used: %3$s',
    (_what, headers, expected) => {
      const made = call({ path: '/messages', headers })
      expect(made.credentialHeader).toBe(expected)
      expect(made.headers).toEqual(['accept-encoding', 'identity'])
    },
  )

  it('is authorization on every other route, where upstreams accept no x-api-key', () => {
    for (const path of ['/chat/completions', '/models', '/unheard-of'])
      expect(call({ path, headers: ['x-api-key', 'x'] }).credentialHeader).toBe('authorization')
  })
})

describe('the model of a call', () => {
  it('is read from the bytes of a body, wherever they lie in memory', () => {
    const memory = Buffer.from('xxxx{"model":"m"}xxxx')
    const view = new Uint8Array(memory.buffer, memory.byteOffset + 4, memory.length - 8)
    expect(call({ headers: json, body: { bytes: view } }).model).toBe('m')
  })

  it('is read from the head of a body that can be sent once', () => {
    const body: Body = {
      stream: Readable.from([Buffer.from('tail')]),
      head: Buffer.from('{"model":"m","a":"'),
    }
    expect(call({ headers: json, body }).model).toBe('m')
  })

  it('is read from JSON under any content type', () => {
    expect(call({ headers: ['content-type', 'text/plain'], body: bytes('{"model":"m"}') }).model).toBe('m')
  })

  it.each([
    ['no body', null],
    ['no model in it', bytes('{"input":"x"}')],
    ['no JSON in it', bytes('model=m')],
  ])('is empty for a call with %s', (_what, body) => {
    expect(call({ headers: json, body }).model).toBe('')
  })
})
