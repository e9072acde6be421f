import { describe, expect, it } from 'vitest'
import { KeyPoolError } from '../../errors.js'
import { openaiRoute } from '../../provider/openai-route.js'
import { type FakeRuntime, fakeRuntime } from '../../testing/fake-runtime.js'
import { RecordingFlow, RecordingSink } from '../../testing/recording-sink.js'
import { heartbeatSink } from './heartbeat-sink.js'
import type { Sink } from './sink.js'

const beat = ': keep-alive\n\n'
const stream = ['content-type', 'text/event-stream; charset=utf-8', 'x-upstream', '1']
const json = ['content-type', 'application/json']
const event = 'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n'

interface Staged {
  readonly sink: Sink
  readonly client: RecordingSink
  readonly flow: RecordingFlow
  readonly runtime: FakeRuntime
}

function staged(path = '/chat/completions', requestId: string | null = 'r-1'): Staged {
  const runtime = fakeRuntime()
  const client = new RecordingSink(runtime.now)
  const flow = new RecordingFlow()
  const call = { route: openaiRoute('POST', path), requestId, wantsUsage: false }
  const sink = heartbeatSink(client, { call, runtime, everyMs: 1_000 })
  sink.attach(flow)
  return { sink, client, flow, runtime }
}

describe('heartbeatSink, before the answer,', () => {
  it('sends the head of a stream and a comment after some silence, then more comments', () => {
    const { client, runtime } = staged()
    runtime.advance(999)
    expect(client.calls).toEqual([])
    runtime.advance(1)
    expect(client.status).toBe(200)
    expect(client.headers).toEqual([
      'content-type',
      'text/event-stream',
      'cache-control',
      'no-cache',
      'x-accel-buffering',
      'no',
      'x-request-id',
      'r-1',
    ])
    runtime.advance(3_000)
    expect(client.text).toBe(beat.repeat(4))
    expect(runtime.timerCount).toBe(1)
  })

  it('sends no request id when the request has none', () => {
    const { client, runtime } = staged('/chat/completions', null)
    runtime.advance(1_000)
    expect(client.header('x-request-id')).toBeUndefined()
  })

  it('starts the silence again at every byte, and does not extend it when the wall clock is set back', () => {
    const { sink, client, runtime } = staged()
    runtime.advance(600)
    sink.head(200, stream)
    runtime.advance(600)
    sink.data(Buffer.from(event))
    runtime.advance(999)
    expect(client.text).toBe(event)
    runtime.shiftClock(-3_600_000)
    runtime.advance(1)
    expect(client.text).toBe(event + beat)
  })
})

describe('heartbeatSink, for an answer in time,', () => {
  it('passes on the head of a stream, and sends comments in its pauses', () => {
    const { sink, client, runtime } = staged()
    sink.head(200, stream)
    sink.data(Buffer.from(event))
    runtime.advance(2_500)
    sink.data(Buffer.from(event))
    sink.end(Buffer.from('data: [DONE]\n\n'))
    expect(client.headers).toBe(stream)
    expect(client.text).toBe(`${event}${beat}${beat}${event}data: [DONE]\n\n`)
    expect(client.calls.at(-1)).toBe('end')
    expect(runtime.timerCount).toBe(0)
  })

  it.each([
    ['an error', 503, json],
    ['one reply', 200, json],
    ['audio', 200, ['content-type', 'audio/mpeg']],
  ])('passes on %s unchanged', (_what, status, headers) => {
    const { sink, client, runtime } = staged()
    sink.head(status, headers)
    runtime.advance(10_000)
    sink.data(Buffer.from('x'))
    runtime.advance(10_000)
    sink.end(Buffer.from('y'))
    expect([client.status, client.headers, client.text]).toEqual([status, headers, 'xy'])
    expect(runtime.timerCount).toBe(0)
  })

  it('sends no comment in the middle of an event', () => {
    const { sink, client, runtime } = staged()
    sink.head(200, stream)
    sink.data(Buffer.from(event.slice(0, 20)))
    runtime.advance(5_000)
    sink.data(Buffer.from(event.slice(20)))
    expect(client.text).toBe(event)
    runtime.advance(1_000)
    expect(client.text).toBe(event + beat)
  })
})

describe('heartbeatSink, for an answer behind a heartbeat,', () => {
  function late(path?: string): Staged {
    const given = staged(path)
    given.runtime.advance(1_000)
    return given
  }

  it('continues the begun stream with the events of a stream', () => {
    const { sink, client, runtime } = late()
    sink.head(200, stream)
    sink.data(Buffer.from(`\uFEFF${event}`))
    runtime.advance(1_000)
    sink.data(Buffer.from(event))
    sink.end(Buffer.from('data: [DONE]\n\n'))
    expect(client.calls).toEqual(['head', 'data', 'end'])
    expect(client.text).toBe(`${beat}${event}${beat}${event}data: [DONE]\n\n`)
    expect(runtime.timerCount).toBe(0)
  })

  it.each<[string, number, string, unknown]>([
    [
      'of the pool',
      429,
      '{"error":{"message":"all cooling","type":"rate_limit_error","code":"all_keys_cooling","param":null}}',
      { error: { message: 'all cooling', type: 'rate_limit_error', code: 'all_keys_cooling', param: null } },
    ],
    [
      'of SiliconFlow',
      503,
      '{"code":50505,"message":"overloaded",\n"data":null}',
      {
        code: 50505,
        message: 'overloaded',
        error: { message: 'overloaded', type: 'server_error', code: 50505 },
      },
    ],
    [
      'that is a JSON text',
      401,
      '"Invalid token"',
      { error: { message: 'Invalid token', type: 'authentication_error' } },
    ],
    [
      'that is a page',
      502,
      '<html>bad\ngateway</html>',
      { error: { message: 'HTTP 502 Bad Gateway', type: 'server_error' } },
    ],
    [
      'without a body',
      500,
      '',
      { error: { message: 'HTTP 500 Internal Server Error', type: 'server_error', code: null, param: null } },
    ],
  ])('turns an error %s into an event without a clean end', (_what, status, body, expected) => {
    const { sink, client, runtime } = late()
    sink.head(status, json)
    sink.data(Buffer.from(body.slice(0, 5)))
    sink.end(Buffer.from(body.slice(5)))
    const [line = '', ...others] = client.text.slice(beat.length).split('\n')
    expect(others).toEqual(['', ''])
    expect(JSON.parse(line.slice('data: '.length))).toMatchObject(expected as object)
    expect(client.text).not.toContain('[DONE]')
    expect(client.calls.at(-1)).toBe('fail')
    expect(client.error?.code).toBe('stream_interrupted')
    expect(runtime.timerCount).toBe(0)
  })

  it.each<[number, string, unknown]>([
    [529, '{"code":1,"message":"busy","data":null}', { type: 'overloaded_error', message: 'busy' }],
    [401, '"Invalid token"', { type: 'authentication_error', message: 'Invalid token' }],
    [400, '{"message":"no","data":null}', { type: 'invalid_request_error', message: 'no' }],
    [413, '', { type: 'request_too_large', message: 'HTTP 413' }],
    [500, '{"type":"error","error":{"type":"api_error","message":"x"}}', { type: 'api_error', message: 'x' }],
  ])('turns an error of status %i into Anthropic’s form on /messages', (status, body, expected) => {
    const { sink, client } = late('/messages')
    sink.head(status, json)
    sink.end(Buffer.from(body))
    const found = /^: keep-alive\n\nevent: error\ndata: (.*)\n\n$/.exec(client.text)
    expect(JSON.parse(found?.[1] ?? '')).toEqual({ type: 'error', error: expected })
    expect(client.calls.at(-1)).toBe('fail')
  })

  it('turns one reply into events', () => {
    const { sink, client, runtime } = late()
    sink.head(200, json)
    runtime.advance(1_000)
    sink.end(
      Buffer.from(
        '{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}]}',
      ),
    )
    expect(client.text.startsWith(beat + beat)).toBe(true)
    expect(client.text).toContain('"delta":{"content":"Hi"}')
    expect(client.text.endsWith('data: [DONE]\n\n')).toBe(true)
    expect(client.calls.at(-1)).toBe('end')
  })

  it.each([
    ['audio', 200, ['content-type', 'audio/mpeg'], 'ID3'],
    ['a reply of unknown shape', 200, json, '{"output":[]}'],
    ['a redirect', 302, ['location', '/x'], ''],
  ])('turns %s into an error', (_what, status, headers, body) => {
    const { sink, client } = late()
    sink.head(status, headers)
    sink.end(Buffer.from(body))
    expect(client.text).toMatch(
      /^: keep-alive\n\ndata: \{"error":\{"message":"The answer came after the stream/,
    )
    expect(client.calls.at(-1)).toBe('fail')
  })

  it('sends an error event when the answer fails before it begins', () => {
    const { sink, client } = late()
    sink.fail(new KeyPoolError('stream_interrupted', 'broken'))
    expect(client.text).toContain('"message":"broken"')
    expect(client.calls.at(-1)).toBe('fail')
  })

  it('sends no second error event when the answer fails in its middle', () => {
    const { sink, client } = late()
    sink.head(200, stream)
    sink.data(Buffer.from(event))
    sink.data(Buffer.from('data: {"error":{}}\n\n'))
    sink.fail(new KeyPoolError('stream_interrupted', 'broken'))
    expect(client.text).toBe(`${beat}${event}data: {"error":{}}\n\n`)
  })
})

describe('heartbeatSink, for its client,', () => {
  it('aborts the engine at once when the client leaves in any phase, and leaves no timer', () => {
    for (const prepare of [
      () => {},
      ({ runtime }: Staged) => runtime.advance(1_000),
      ({ sink }: Staged) => sink.head(200, stream),
    ]) {
      const given = staged()
      prepare(given)
      given.client.flow?.abort()
      expect(given.flow.calls).toEqual(['abort'])
      expect(given.runtime.timerCount).toBe(0)
      const { length } = given.client.chunks
      given.runtime.advance(10_000)
      expect(given.client.chunks).toHaveLength(length)
    }
  })

  it('leaves no timer when the client has left before', () => {
    const runtime = fakeRuntime()
    const gone = new RecordingSink()
    gone.attach = (flow) => flow.abort()
    const flow = new RecordingFlow()
    const call = { route: openaiRoute('POST', '/chat/completions'), requestId: null, wantsUsage: false }
    heartbeatSink(gone, { call, runtime, everyMs: 1_000 }).attach(flow)
    expect([flow.calls, runtime.timerCount]).toEqual([['abort'], 0])
  })

  it('sends no comments while the client reads nothing, and resumes only a paused engine', () => {
    const { sink, client, flow, runtime } = staged()
    client.wantsMore = false
    runtime.advance(5_000)
    expect(client.text).toBe(beat)
    client.flow?.resume()
    expect(flow.calls).toEqual([])
    sink.head(200, stream)
    expect(sink.data(Buffer.from(event))).toBe(false)
    runtime.advance(5_000)
    expect(client.text).toBe(beat + event)
    client.wantsMore = true
    client.flow?.resume()
    expect(flow.calls).toEqual(['resume'])
    runtime.advance(1_000)
    expect(client.text).toBe(beat + event + beat)
  })

  it('aborts the engine when the client cannot take a head', () => {
    const { client, flow, runtime } = staged()
    client.head = () => {
      throw new Error('headers were sent')
    }
    runtime.advance(1_000)
    expect(client.calls).toEqual(['fail'])
    expect(flow.calls).toEqual(['abort'])
    expect(runtime.timerCount).toBe(0)
  })
})
