import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { type ScriptedAnswer, scriptedTransport } from '../../testing/scripted-transport.js'
import { readAll, type SimulatedPool, simulatedPool } from '../../testing/simulated-pool.js'

const event = (type: string, more: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: 1, ...more })}\n\n`

const response = (status: string, more: object = {}): object => ({
  response: { id: 'resp_1', object: 'response', status, output: [], ...more },
})

const message = { id: 'msg_1', type: 'message', role: 'assistant', status: 'in_progress', content: [] }
const part = { type: 'output_text', text: '', annotations: [], logprobs: [] }
const preamble = [
  event('response.created', response('in_progress')),
  event('response.in_progress', response('in_progress')),
  event('keepalive'),
  event('response.output_item.added', { output_index: 0, item: message }),
  event('response.content_part.added', { item_id: 'msg_1', output_index: 0, content_index: 0, part }),
].join('')
const delta = event('response.output_text.delta', {
  item_id: 'msg_1',
  output_index: 0,
  content_index: 0,
  delta: 'Hi',
})
const output = [{ ...message, status: 'completed', content: [{ ...part, text: 'Hi' }] }]
const usage = { input_tokens: 3, output_tokens: 1, total_tokens: 4 }
const completed = event('response.completed', response('completed', { output, usage }))
const failed = (code: string): string =>
  event('response.failed', response('failed', { error: { code, message: 'The server had an error' } }))
const whole = preamble + delta + completed

/** A pool of two whose first call gets these pieces, and the second a whole stream. */
async function answered(
  stream: string | string[],
  ending: ScriptedAnswer['ending'] = 'end',
): Promise<SimulatedPool> {
  let calls = 0
  const transport = scriptedTransport(() =>
    calls++ === 0
      ? { chunks: [stream].flat().map((piece) => Buffer.from(piece)), ending }
      : { chunks: [Buffer.from(whole)] },
  )
  const upstream = await simulatedPool({ pool: { transport } })
  await upstream.pool.ready
  return upstream
}

const ask = (upstream: SimulatedPool, fields: object = {}): Promise<Response> =>
  upstream.ask('/responses', { model: 'gpt-5', input: 'Hi', stream: true, ...fields })

describe('a stream of responses', () => {
  it.each([
    ['response.completed', whole],
    ['response.incomplete', preamble + delta + event('response.incomplete', response('incomplete'))],
    ['response.completed as data alone', whole.replaceAll(/event: .*\n/g, '')],
    [
      'response.completed with its type last',
      `${preamble}${delta}data: {"response":{"status":"completed"},"sequence_number":9,"type":"response.completed"}\n\n`,
    ],
    ['response.completed with white space', whole.replaceAll('{"type":"', '{ "type": "')],
    ['[DONE], which some gateways send', `${preamble}${delta}data: [DONE]\n\n`],
  ])('is whole behind %s, and goes on byte by byte', async (_what, stream) => {
    const upstream = await answered(stream)
    const { text, error } = await readAll(await ask(upstream))
    expect(error).toBeNull()
    expect(text).toBe(stream)
    expect(upstream.pool.stats()).toMatchObject({ successes: 1, failures: {} })
  })

  it('counts the usage of its last event', async () => {
    const upstream = await answered(whole)
    await readAll(await ask(upstream))
    expect(upstream.pool.stats().tokens).toMatchObject({ prompt: 3, completion: 1, total: 4 })
  })

  it('that ends cleanly without its own end is cut, in a shape that the SDKs raise', async () => {
    const upstream = await answered(preamble + delta)
    const { text, error } = await readAll(await ask(upstream))
    expect(error).toMatchObject({ code: 'stream_interrupted' })
    const last = text.trimEnd().split('\n').at(-1) ?? ''
    expect(text).toContain('\n\nevent: error\ndata: ')
    expect(JSON.parse(last.slice('data: '.length))).toMatchObject({
      type: 'error',
      code: 'stream_interrupted',
      message: expect.stringContaining('ended early'),
      error: { code: 'stream_interrupted', type: 'server_error' },
    })
  })

  it.each<[string, string, ScriptedAnswer['ending']?]>([
    ['fails', preamble + failed('server_error')],
    [
      'fails right after it was created',
      event('response.created', response('queued')) + failed('rate_limit_exceeded'),
    ],
    ['reports an error', preamble + event('error', { code: 'server_error', message: 'busy', param: null })],
    [
      'reports an error without a name',
      `${preamble}data: {"sequence_number":2,"type":"error","message":"busy"}\n\n`,
    ],
    ['ends cleanly', preamble],
    ['is reset', preamble, 'reset'],
  ])('that %s before output is answered by the next key, unseen', async (_what, stream, ending) => {
    const upstream = await answered(stream, ending)
    const received = await ask(upstream)
    expect(received.headers.get('x-sfpool-attempts')).toBe('2')
    const { text, error } = await readAll(received)
    expect(error).toBeNull()
    expect(text).toBe(whole)
  })

  it.each([{ background: true }, { conversation: 'conv_1' }])(
    'that may have left something behind is not made again after a cut: %j',
    async (fields) => {
      const upstream = await answered(preamble, 'reset')
      expect((await ask(upstream, fields)).status).toBe(502)
      expect(upstream.pool.stats()).toMatchObject({ successes: 0 })
    },
  )

  it("that fails for the caller's mistake says so with its status", async () => {
    const received = await ask(await answered(preamble + failed('invalid_prompt')))
    expect(received.status).toBe(400)
    expect(await received.json()).toMatchObject({
      error: { code: 'invalid_prompt', message: 'The server had an error' },
    })
  })

  it('that fails behind output ends as its upstream ended it, and counts as a failure', async () => {
    const pieces = [preamble + delta, failed('server_error')]
    const upstream = await answered(pieces)
    const { text, error } = await readAll(await ask(upstream))
    expect(error).toBeNull()
    expect(text).toBe(pieces.join(''))
    expect(upstream.pool.stats()).toMatchObject({ successes: 0, failures: { 'upstream-error': 1 } })
  })

  it('that is whole and empty is passed on', async () => {
    const stream = preamble + event('response.completed', response('completed'))
    const upstream = await answered(stream)
    expect((await readAll(await ask(upstream))).error).toBeNull()
  })

  it('is understood by the official client, its failures too', async () => {
    const client = (upstream: SimulatedPool): OpenAI =>
      new OpenAI({ apiKey: 'x', baseURL: upstream.pool.baseURL, fetch: upstream.pool.fetch, maxRetries: 0 })
    const run = async (upstream: SimulatedPool): Promise<string> => {
      const stream = await client(upstream).responses.create({ model: 'gpt-5', input: 'Hi', stream: true })
      let text = ''
      for await (const each of stream) if (each.type === 'response.output_text.delta') text += each.delta
      return text
    }
    expect(await run(await answered(whole))).toBe('Hi')
    await expect(run(await answered(preamble + delta))).rejects.toThrow(/ended early/)
  })

  it('is relayed in modes that turn streams into replies and back', async () => {
    const transport = scriptedTransport(() => ({ chunks: [Buffer.from(whole)] }))
    for (const mode of ['buffer', 'stream', 'smooth'] as const) {
      const upstream = await simulatedPool({ pool: { transport, streams: { mode } } })
      await upstream.pool.ready
      expect((await readAll(await ask(upstream))).text).toBe(whole)
    }
  })
})

describe('a response that is not streamed', () => {
  const json = ['content-type', 'application/json']

  it.each([
    ['waits in the background', { object: 'response', status: 'queued', output: [] }],
    ['is incomplete', { object: 'response', status: 'incomplete', output: [] }],
    ['is complete', { object: 'response', status: 'completed', output }],
  ])('and %s is passed on', async (_what, reply) => {
    const transport = scriptedTransport(() => ({
      headers: json,
      chunks: [Buffer.from(JSON.stringify(reply))],
    }))
    const upstream = await simulatedPool({ pool: { transport } })
    await upstream.pool.ready
    const received = await ask(upstream, { stream: false })
    expect(received.headers.get('x-sfpool-attempts')).toBe('1')
    expect(await received.json()).toEqual(reply)
    expect(upstream.pool.stats()).toMatchObject({ successes: 1 })
  })
})

describe('a stream of messages', () => {
  const start = 'event: message_start\ndata: {"type":"message_start","message":{"role":"assistant"}}\n\n'
  const hi =
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}\n\n'
  const stop = 'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}\n\n'
  const end = 'event: message_stop\ndata: {"type":"message_stop"}\n\n'
  const askFor = (upstream: SimulatedPool): Promise<Response> =>
    upstream.ask('/messages', { model: 'claude', max_tokens: 9, stream: true, messages: [] })

  it.each([
    ['its end', start + hi + stop + end],
    ['its end as data alone', `${start + hi + stop}data: {"type":"message_stop"}\n\n`],
    ['its end with white space', `${start + hi + stop}data: { "type": "message_stop" }\n\n`],
    ['its end without a blank line', start + hi + stop + end.trimEnd()],
  ])('is whole behind %s', async (_what, stream) => {
    const { text, error } = await readAll(await askFor(await answered(stream)))
    expect(error).toBeNull()
    expect(text).toBe(stream)
  })

  it('is cut when it ends cleanly without its end, even behind the reason for it', async () => {
    const { text, error } = await readAll(await askFor(await answered(start + hi + stop)))
    expect(error).toMatchObject({ code: 'stream_interrupted' })
    expect(text).toContain('event: error\ndata: {"type":"error"')
  })
})
