import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { siliconflow } from '../../provider/siliconflow.js'
import { assertProperty } from '../../testing/assert-property.js'
import { type CallInput, createCall } from './call.js'
import { CallKeyRequest, unbound } from './call-key-request.js'
import type { SessionOptions } from './session-options.js'

const sessions: Required<SessionOptions> = {
  by: ['header', 'user', 'prefix'],
  header: 'x-session-id',
  prefixBytes: 64,
}

function keyRequest(
  body: unknown,
  more: Partial<CallInput> = {},
  by: Partial<SessionOptions> = {},
): CallKeyRequest {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const call = createCall(
    {
      method: 'POST',
      path: '/chat/completions',
      headers: ['content-type', 'application/json'],
      body: body === null ? null : { bytes: Buffer.from(text) },
      ...more,
    },
    siliconflow(),
  )
  return new CallKeyRequest(call, { ...sessions, ...by }, unbound)
}

const messages = [{ role: 'user', content: 'Hello, 世界' }]

describe('the key request of a call', () => {
  it('asks for nothing in particular when the call has no body', () => {
    const { model, promptTokens, maxOutput, images, isStream, session } = keyRequest(null)
    expect({ model, promptTokens, maxOutput, images, isStream, session }).toEqual({
      model: '',
      promptTokens: 0,
      maxOutput: null,
      images: 0,
      isStream: false,
      session: null,
    })
  })

  it('is free when the call only reads', () => {
    expect(keyRequest(null, { method: 'GET', path: '/models' }).isFree).toBe(true)
    expect(keyRequest({ model: 'm' }).isFree).toBe(false)
    const { call } = {
      call: createCall({ method: 'POST', path: '/files', headers: [], body: null }, siliconflow()),
    }
    expect(new CallKeyRequest(call, sessions, { account: 'acme', isFree: true })).toMatchObject({
      isFree: true,
      account: 'acme',
    })
  })

  it('has prompt tokens by the size of the body, but none for an upload', () => {
    expect(keyRequest('x'.repeat(4_001)).promptTokens).toBe(1_001)
    expect(keyRequest('x'.repeat(4_000), { path: '/audio/transcriptions' }).promptTokens).toBe(0)
  })

  it('has no more prompt tokens for a large image than for a small one', () => {
    const image = (length: number) => ({
      image_url: { url: `data:image/png;base64,${'A'.repeat(length)}` },
    })
    const one = keyRequest({ content: [image(1_000_000)] }).promptTokens
    const two = keyRequest({ content: [image(3_000_000), image(20_000)] }).promptTokens
    expect(one).toBeLessThan(1_050)
    expect(two - one).toBeLessThan(1_050)
    expect(two - one).toBeGreaterThan(999)
    expect(keyRequest(`${'x'.repeat(40_000)};base64,${'A'.repeat(40_000)}`).promptTokens).toBe(11_000)
  })

  it('reads only the model of a body that can be sent once', () => {
    const body = { head: Buffer.from('{"model":"m","max_tokens":5,"stream":true'), stream: Readable.from([]) }
    const { model, promptTokens, maxOutput, isStream, session } = keyRequest(null, { body })
    expect({ model, promptTokens, maxOutput, isStream, session }).toEqual({
      model: 'm',
      promptTokens: 0,
      maxOutput: null,
      isStream: false,
      session: null,
    })
  })

  it.each<[unknown, number | null]>([
    [{ model: 'm', max_tokens: 17, messages }, 17],
    [{ messages, max_completion_tokens: 18 }, 18],
    [{ max_output_tokens: 19 }, 19],
    [{ messages }, null],
    [{ max_tokens: null }, null],
    [{ max_tokens: 'many' }, null],
    [{ max_tokens: -5 }, null],
    ['{ "max_tokens" \n:\t 20 }', 20],
    [{ messages: [{ role: 'user', content: 'set "max_tokens": 5 please' }] }, null],
    [{ messages: [{ role: 'user', content: '"max_tokens": 5' }], max_tokens: 30 }, 30],
    [{ tools: [{ parameters: { properties: { max_tokens: { type: 'integer' } } } }], max_tokens: 40 }, 40],
    [{ messages: [{ content: 'x'.repeat(100_000) }], max_tokens: 50 }, 50],
    [{ max_tokens: 60, messages: [{ content: 'x'.repeat(100_000) }] }, 60],
  ])('has the most output that the body allows (case %#)', (body, most) => {
    expect(keyRequest(body).maxOutput).toBe(most)
  })

  it.each<[string, unknown, number]>([
    ['/images/generations', { prompt: 'rain' }, 1],
    ['/images/generations', { prompt: 'rain', n: 3 }, 3],
    ['/images/generations', { prompt: 'rain', batch_size: 4 }, 4],
    ['/images/generations', { prompt: 'rain', n: null, batch_size: 2 }, 2],
    ['/images/edits', { n: 2 }, 2],
    ['/chat/completions', { n: 3, messages }, 0],
  ])('counts the images of %s %j', (path, body, images) => {
    expect(keyRequest(body, { path }).images).toBe(images)
  })

  it.each<[unknown, boolean]>([
    [{ stream: true, messages }, true],
    [{ messages, stream: true }, true],
    [{ stream: false }, false],
    [{ stream: 'true' }, false],
    [{ messages: [{ stream: true }] }, false],
    [{ messages: [{ content: '"stream":true' }] }, false],
    ['{"stream" : true}', true],
    ['{"stream":true', true],
    ['not json', false],
    ['', false],
  ])('finds whether %j asks for a stream', (body, isStream) => {
    expect(keyRequest(body).isStream).toBe(isStream)
  })

  it('reads any body without throwing', () => {
    assertProperty(
      fc.property(fc.oneof(fc.json(), fc.string(), fc.constant('{"stream":')), (text) => {
        const { maxOutput, images, isStream, session, promptTokens } = keyRequest(text)
        expect(maxOutput === null || maxOutput >= 0).toBe(true)
        expect(promptTokens).toBe(Math.ceil(Buffer.byteLength(text) / 4))
        expect(typeof isStream).toBe('boolean')
        expect(images).toBe(0)
        expect(session === null || session.length > 0).toBe(true)
      }),
    )
  })
})

describe('the session of a call', () => {
  const header = { headers: ['content-type', 'application/json', 'X-Session-Id', 'talk-1'] }

  it('is a header, a user or a prefix, by the order of the option', () => {
    const body = { model: 'm', user: 'ann', messages }
    expect(keyRequest(body, header).session).toBe('header talk-1')
    expect(keyRequest(body).session).toBe('user ann')
    expect(keyRequest({ ...body, prompt_cache_key: 'key' }).session).toBe('user key')
    expect(keyRequest({ model: 'm', messages }).session).toMatch(/^prefix \S{40,}$/)
    expect(keyRequest({ model: 'm' }).session).toBeNull()
    expect(keyRequest(body, header, { by: ['prefix', 'header'] }).session).toMatch(/^prefix /)
    expect(keyRequest({ model: 'm' }, header, { by: ['prefix', 'header'] }).session).toBe('header talk-1')
    expect(keyRequest(body, header, { by: ['user'] }).session).toBe('user ann')
  })

  it('is found in another header, in any case of its name', () => {
    const headers = ['content-type', 'application/json', 'X-CONVERSATION', 'talk-2']
    expect(keyRequest({ messages }, { headers }, { header: 'x-Conversation' }).session).toBe('header talk-2')
  })

  it('stays the same while the conversation grows, and differs between conversations and models', () => {
    const long = [{ role: 'user', content: 'once upon a time there was a pool of keys that never ran dry' }]
    const first = keyRequest({ model: 'm', messages: long }).session
    expect(
      keyRequest({ model: 'm', messages: [...long, { role: 'assistant', content: 'and then' }] }).session,
    ).toBe(first)
    expect(keyRequest({ messages: long, model: 'm', stream: true }).session).toBe(first)
    expect(keyRequest({ model: 'other', messages: long }).session).not.toBe(first)
    expect(keyRequest({ model: 'm', messages }).session).not.toBe(first)
    expect(keyRequest({ model: 'm', prompt: 'once' }, { path: '/completions' }).session).toMatch(/^prefix /)
  })

  it('is a digest when its name is long', () => {
    const long = 'x'.repeat(10_000)
    const named = (session: string) =>
      keyRequest({ messages }, { headers: ['content-type', 'application/json', 'x-session-id', session] })
        .session
    expect(named(long)).toMatch(/^header [\w-]{43}$/)
    expect(named(long)).toBe(named(long))
    expect(named(`${long}y`)).not.toBe(named(long))
  })

  it('is never an empty name, which would join unrelated calls', () => {
    expect(keyRequest({ model: 'm', user: '' }).session).toBeNull()
    const headers = ['content-type', 'application/json', 'x-session-id', '']
    expect(keyRequest({ model: 'm', user: 'ann' }, { headers }).session).toBe('user ann')
  })
})
