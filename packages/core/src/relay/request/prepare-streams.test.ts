import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { siliconflow } from '../../provider/siliconflow.js'
import { check } from '../../validation.js'
import { type Call, type CallInput, createCall } from './call.js'
import { prepareStreams, streamsOf } from './prepare-streams.js'
import { type StreamOptions, streamSchema } from './stream-options.js'

const provider = siliconflow()

function call(body: unknown, input: Partial<CallInput> = {}): Call {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const headers = ['content-type', 'application/json', ...(input.headers ?? [])]
  return createCall(
    { method: 'POST', path: '/chat/completions', body: { bytes: Buffer.from(text) }, ...input, headers },
    provider,
  )
}

const bodyOf = ({ body }: Call): unknown =>
  body === null || 'stream' in body ? undefined : JSON.parse(Buffer.from(body.bytes).toString())

const prepared = (options: StreamOptions, given: Call): Call => prepareStreams(given, streamsOf(options))
const askingFor = (form: string): Partial<CallInput> => ({ headers: ['X-Sfpool-Stream', form] })

describe('prepareStreams', () => {
  it.each<[string, StreamOptions, Call]>([
    ['with every option off', {}, call({ stream: true })],
    ['that streams, with mode buffer', { mode: 'buffer' }, call({ stream: true })],
    ['that does not stream, with mode stream', { mode: 'stream' }, call({})],
    ['that does not stream, with mode smooth', { mode: 'smooth' }, call({ stream: false })],
    ['that does not stream, with usage asked for', { includeUsage: true }, call({})],
    [
      'that asks for usage itself',
      { includeUsage: true },
      call({ stream: true, stream_options: { include_usage: true } }),
    ],
    ['of another route', { mode: 'buffer', heartbeatMs: 1000 }, call({}, { path: '/embeddings' })],
    ['that counts tokens', { mode: 'buffer' }, call({}, { path: '/messages/count_tokens' })],
    ['without a body', { mode: 'buffer' }, call({}, { method: 'GET', path: '/models', body: null })],
    ['that is not JSON', { mode: 'buffer' }, call('{"stream":')],
    ['whose header asks for mode relay', { mode: 'buffer' }, call({}, askingFor('relay'))],
    ['whose header asks for an unknown form', {}, call({}, askingFor('fast'))],
  ])('returns the same object for a call %s', (_what, options, given) => {
    expect(prepared(options, given)).toBe(given)
  })
})

describe('prepareStreams, in mode buffer,', () => {
  it('asks the upstream for a stream with its usage', () => {
    const given = prepared({ mode: 'buffer' }, call({ model: 'm', stream: false }))
    expect(given).toMatchObject({ form: 'buffer', wantsStream: false, hidesUsage: false })
    expect(bodyOf(given)).toEqual({ model: 'm', stream: true, stream_options: { include_usage: true } })
  })

  it('asks Anthropic’s API for a stream, which always has its usage', () => {
    expect(bodyOf(prepared({ mode: 'buffer' }, call({}, { path: '/messages' })))).toEqual({ stream: true })
  })
})

describe('prepareStreams, in mode stream,', () => {
  it('asks the upstream for one reply, and remembers what the client asked for', () => {
    const options = { include_usage: true }
    const given = prepared({ mode: 'stream' }, call({ stream: true, stream_options: options, n: 2 }))
    expect(given).toMatchObject({ form: 'stream', wantsStream: true, wantsUsage: true })
    expect(bodyOf(given)).toEqual({ stream: false, n: 2 })
  })
})

describe('usage that only the pool asks for', () => {
  it.each(['/chat/completions', '/completions'])('is hidden from the client on %s', (path) => {
    const given = prepared({ includeUsage: true }, call({ stream: true }, { path }))
    expect(given).toMatchObject({ form: 'relay', wantsStream: true, wantsUsage: false, hidesUsage: true })
    expect(bodyOf(given)).toEqual({ stream: true, stream_options: { include_usage: true } })
  })

  it('is not asked for on Anthropic’s API', () => {
    const given = call({ stream: true }, { path: '/messages' })
    expect(prepared({ includeUsage: true }, given)).toBe(given)
  })

  it('is hidden in mode smooth, too', () => {
    const given = prepared({ includeUsage: true, mode: 'smooth' }, call({ stream: true }))
    expect(given).toMatchObject({ form: 'smooth', hidesUsage: true })
  })
})

describe('the mode of a call', () => {
  it('is found by its model, first by the name that the client gave', () => {
    const models = { 'deepseek-ai/*': 'smooth', fast: 'relay' } as const
    const modeOf = (given: Call): string => prepared({ mode: 'stream', models }, given).form
    expect(modeOf(call({ stream: true, model: 'deepseek-ai/DeepSeek-R1' }))).toBe('smooth')
    expect(modeOf(call({ stream: true, model: 'Qwen/Qwen3-8B' }))).toBe('stream')
    expect(modeOf({ ...call({ stream: true, model: 'deepseek-ai/x' }), askedModel: 'fast' })).toBe('relay')
  })

  it('is taken from the request’s header in any case, and the header is not passed on', () => {
    const given = prepared({}, call({}, askingFor(' Buffer ')))
    expect(given.form).toBe('buffer')
    expect(given.headers.join()).not.toMatch(/sfpool/i)
    expect(prepared({ mode: 'stream' }, call({ stream: true }, askingFor('smooth'))).form).toBe('smooth')
  })

  it('can only be smooth for a body that is sent once', () => {
    const once = call({}, { body: { stream: Readable.from([]), head: Buffer.from('{"stream":true') } })
    expect(prepared({ mode: 'smooth' }, once).form).toBe('smooth')
    expect(prepared({ mode: 'buffer' }, once)).toBe(once)
  })
})

it('prepareStreams notes that the client asked for a stream when there are heartbeats', () => {
  expect(prepared({ heartbeatMs: 1_000 }, call({ stream: true }))).toMatchObject({
    form: 'relay',
    wantsStream: true,
  })
  const given = call({ stream: false })
  expect(prepared({ heartbeatMs: 1_000 }, given)).toBe(given)
})

describe('the schema of the option streams', () => {
  it.each([
    {},
    { mode: 'smooth', models: { 'a/*': 'buffer' }, includeUsage: true, heartbeatMs: 15_000 },
    { smooth: { by: 'character', maxDelayMs: 0, factor: 1 }, heartbeatMs: 0 },
  ])('accepts %j', (options) => {
    expect(() => check(streamSchema, options, 'streams')).not.toThrow()
  })

  it.each([
    [7, 'streams must be an object of mode, models, smooth, includeUsage and heartbeatMs; received 7'],
    [{ mode: 'fast' }, 'streams.mode must be one of relay, smooth, buffer, stream; received "fast"'],
    [{ models: { 'a/*': 1 } }, 'streams.models.a/* must be one of relay, smooth, buffer, stream; received 1'],
    [{ smooth: { by: 'word' } }, "streams.smooth.by must be 'character' or 'batch'; received \"word\""],
    [{ smooth: { factor: 0 } }, 'streams.smooth.factor must be above 0 and not above 1; received 0'],
    [
      { smooth: { maxDelayMs: -1 } },
      'streams.smooth.maxDelayMs must be 0, or from 1 to 600000 milliseconds; received -1',
    ],
    [{ heartbeatMs: 5 }, 'streams.heartbeatMs must be 0, or from 100 to 600000 milliseconds; received 5'],
    [{ heartbeat: 5 }, 'streams.heartbeat is not an option; received 5'],
  ])('refuses %j', (options, message) => {
    expect(() => check(streamSchema, options, 'streams')).toThrow(message)
  })
})
