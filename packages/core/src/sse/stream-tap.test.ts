import { describe, expect, it } from 'vitest'
import { openaiRoute } from '../provider/openai-route.js'
import { cutAtRandom } from '../testing/cuts.js'
import { seededRandom } from '../testing/fake-runtime.js'
import { EventCutter } from './event-cutter.js'
import { StreamTap } from './stream-tap.js'

const chat = openaiRoute('POST', '/chat/completions')
const messages = openaiRoute('POST', '/messages')
const speech = openaiRoute('POST', '/audio/speech')

const role = '{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}],"usage":null}'
const text = '{"choices":[{"index":0,"delta":{"content":"Grüße 世界 🚀"}}]}'
const counted = (completion: number): string =>
  `{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":${completion},"total_tokens":${9 + completion}}}`
const overloaded = '{"code":50505,"message":"Model service overloaded. Please try again later.","data":null}'

/** A tap that has observed these events. */
function tapped(events: readonly string[], route = chat): StreamTap {
  const tap = new StreamTap(route)
  tap.push(events.map((data) => `data: ${data}\n\n`).join(''))
  return tap
}

const reportOf = (tap: StreamTap): object => ({
  hasOutput: tap.hasOutput,
  isComplete: tap.isComplete,
  error: tap.error,
  usage: tap.usage(),
})

describe('StreamTap, before and after output,', () => {
  it('reports no output for the preamble', () => {
    expect(tapped([role, counted(0), '{"choices":[]}']).hasOutput).toBe(false)
  })

  it('reports output from the first text on', () => {
    expect(tapped([role, text]).hasOutput).toBe(true)
  })

  it('reports output for data that is not JSON, which may be output', () => {
    expect(tapped(['plain words']).hasOutput).toBe(true)
  })

  it('reports no output for an end mark, a comment or an unfinished event', () => {
    const tap = new StreamTap(chat)
    tap.push(`: keep-alive\n\nretry: 100\n\ndata: [DONE]\n\ndata: ${text}\n`)
    expect(tap.hasOutput).toBe(false)
  })
})

describe('StreamTap, at the end of a stream,', () => {
  it('reports a complete stream after [DONE] in an OpenAI stream', () => {
    expect(tapped([role, text]).isComplete).toBe(false)
    expect(tapped([role, text, '[DONE]']).isComplete).toBe(true)
  })

  it('reports a complete stream after message_stop, as the name of the event or in its data', () => {
    const tap = new StreamTap(messages)
    tap.push('event: ping\ndata: {"type":"ping"}\n\n')
    expect(tap.isComplete).toBe(false)
    tap.push('event: message_stop\ndata: {"type":"message_stop"}\n\n')
    expect(tap.isComplete).toBe(true)
    expect(tapped(['{"type":"message_stop"}'], messages).isComplete).toBe(true)
  })

  it('reports a complete stream without an end mark when the kind of stream has none', () => {
    expect(new StreamTap(speech).isComplete).toBe(true)
  })
})

describe("StreamTap, for end marks as OpenAI's SDKs take them,", () => {
  it.each([
    ['without a space', 'data:[DONE]\n\n'],
    ['with white space behind it', 'data: [DONE] \t\n\n'],
    ['with white space before it', 'data:   [DONE]\n\n'],
    ['with anything behind it', 'data: [DONE]{"x":1}\n\n'],
    ['with more data behind it', 'data: [DONE]\ndata: x\n\n'],
    ['in an event with a name', 'event: done\ndata: [DONE]\n\n'],
    ['with an id', 'id: 9\ndata: [DONE]\n\n'],
    ['with CRLF', 'data: [DONE]\r\n\r\n'],
    ['with CR', 'data: [DONE]\r\r'],
    ['behind a comment', ': bye\ndata: [DONE]\n\n'],
  ])('is complete %s', (_how, mark) => {
    const tap = tapped([role, text])
    tap.push(mark)
    expect(tap.isTerminated).toBe(true)
    for (const cut of [1, 6, 9, mark.length - 1]) {
      const other = tapped([role, text])
      other.push(mark.slice(0, cut))
      other.push(mark.slice(cut))
      expect(other.isTerminated, `cut at ${cut}`).toBe(true)
    }
  })

  it.each(['data: [DONE]', 'data: [DONE]\n', 'data:[DONE]  \r\n', 'data: [DONE]x'])(
    'is complete at the end of the stream without a blank line: %j',
    (rest) => {
      const tap = tapped([role, text])
      tap.end(rest)
      expect(tap.isComplete).toBe(true)
    },
  )

  it.each(['data: [done]\n\n', 'data: DONE\n\n', ': [DONE]\n\n', 'event: [DONE]\n\n', 'data: "[DONE]"\n\n'])(
    'is not complete at %j, which no SDK takes',
    (mark) => {
      const tap = tapped([role, text])
      tap.push(mark)
      expect(tap.isComplete).toBe(false)
    },
  )
})

describe('StreamTap, for errors,', () => {
  it.each([
    ['bare', overloaded],
    ['bare, in another order', '{"message":"System is really busy, please try again later","code":20015}'],
    ['bare, with its data first', '{"data":null,"code":50508,"message":"System is too busy now."}'],
    [
      'bare, without a code',
      '{"message":"Request was rejected due to rate limiting. Details: TPM limit reached.","data":null}',
    ],
    ['wrapped', `{"error":${overloaded}}`],
    ['wrapped, as text', '{"error":"overloaded"}'],
    ['with white space', '{ "error": { "message": "overloaded" } }'],
    ["in Anthropic's shape", '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'],
    ["in vLLM's shape", '{"object":"error","message":"overloaded","code":500}'],
  ])('reports an error that is %s, before and after output', (_how, data) => {
    expect(reportOf(tapped([role, data]))).toMatchObject({ error: data, hasOutput: false })
    expect(reportOf(tapped([role, text, data]))).toMatchObject({ error: data, hasOutput: true })
  })

  it('reports an error by the name of its event, with any data', () => {
    const tap = new StreamTap(messages)
    tap.push('event: error\ndata: overloaded\n\n')
    expect(tap.error).toBe('overloaded')
  })

  it.each([
    ['an answer with a null error', '{"error":null,"choices":[{"delta":{"content":"x"}}]}'],
    ['an answer with a code', '{"code":20000,"choices":[{"delta":{"content":"x"}}]}'],
    ['an envelope of success', '{"code":20000,"message":"Ok","status":true,"data":{"id":"file-x"}}'],
    ['another event with a message', '{"message":"half done","progress":50}'],
    ['an Anthropic start', '{"type":"message_start","message":{"id":"m","role":"assistant"}}'],
    ['text about errors', '{"choices":[{"delta":{"content":"{\\"error\\":{\\"code\\":50505}}"}}]}'],
  ])('reports no error for %s', (_what, data) => {
    expect(tapped([data]).error).toBeNull()
    expect(tapped([text, data]).error).toBeNull()
  })

  it.each([
    '{"id":"x","choices":[{"delta":{"content":""},"finish_reason":"error"}],"error":{"message":"overloaded"}}',
    '{"id":"x","error":"overloaded","choices":[]}',
    '{"id":"x","error":{"message":"overloaded"}}',
  ])('reports an error that comes in the shape of an answer, because the SDKs raise it: %s', (data) => {
    expect(tapped([text, data]).error).toBe(data)
    expect(tapped([role, data]).error).toBe(data)
  })

  it('reports the first error when several come', () => {
    expect(tapped([role, overloaded, '{"error":"second"}', text]).error).toBe(overloaded)
  })
})

describe('StreamTap, for usage,', () => {
  it('reports null until an event brings usage', () => {
    expect(tapped([role, text, '[DONE]']).usage()).toBeNull()
  })

  it('reports the last of the cumulative figures, not their sum', () => {
    expect(tapped([counted(1), counted(2), counted(3)]).usage()).toMatchObject({
      completionTokens: 3,
      totalTokens: 12,
    })
  })

  it.each([
    ['trailing', [role, text, counted(5), '[DONE]']],
    [
      'on the finishing chunk',
      [role, text, counted(5).replace('[]', '[{"delta":{},"finish_reason":"stop"}]')],
    ],
    ['followed by null', [role, counted(5), '{"choices":[],"usage": null}', '{"choices":[],"usage":null}']],
  ])('finds usage that is %s', (_where, events) => {
    expect(tapped(events).usage()).toMatchObject({ promptTokens: 9, completionTokens: 5, totalTokens: 14 })
  })

  it("merges the usage of Anthropic's first and last events", () => {
    const start = '{"type":"message_start","message":{"usage":{"input_tokens":7,"output_tokens":1}}}'
    const delta = '{"type":"message_delta","delta":{},"usage":{"output_tokens":5}}'
    expect(tapped([start, delta], messages).usage()).toMatchObject({
      promptTokens: 7,
      completionTokens: 5,
      totalTokens: 12,
    })
  })

  it('takes no usage from the text of an answer', () => {
    expect(
      tapped(['{"choices":[{"delta":{"content":"\\"usage\\":{\\"total_tokens\\":1}"}}]}']).usage(),
    ).toBeNull()
  })
})

describe.each([
  ['LF', '\n'],
  ['CRLF', '\r\n'],
  ['CR', '\r'],
])('StreamTap, for lines that end in %s,', (_name, lineEnd) => {
  const head = ['\uFEFF: hello\n\n', 'retry: 10\n\n']
  const streams: [string, string[]][] = [
    [
      'a whole answer',
      [...head, `data: ${role}\n\n`, `data: ${text}\n\n`, `data: ${counted(4)}\n\n`, 'data: [DONE]\n\n'],
    ],
    ['a byte order mark before the data', [`\uFEFFdata: ${text}\n\n`, 'data: [DONE]\n\n']],
    [
      'data over several lines',
      ['data: {"choices":\ndata: [{"delta":{"content":"x"}}]}\n\n', 'data: [DONE]\n\n'],
    ],
    ['an error before output', [`data: ${role}\n\n`, `event: error\ndata: ${overloaded}\n\n`]],
    ['an error behind output', [`data: ${text}\n\n`, `data: ${overloaded}\n\n`]],
    ['no end', [`data: ${role}\n\n`, `data: ${counted(2)}\n\n`]],
    ['an end without its blank line', [`data: ${text}\n\n`, 'data: [DONE]\n']],
  ]

  it.each(streams)('reports the same for any cuts of a stream with %s', (_what, events) => {
    const bytes = Buffer.from(events.join('').replaceAll('\n', lineEnd))
    const random = seededRandom(11)
    const expected = reportOf(watch([bytes]))
    expect(reportOf(watch(Array.from(bytes, (byte) => Buffer.from([byte])))), 'byte by byte').toEqual(
      expected,
    )
    for (let round = 0; round < 200; round++) {
      const cuts = cutAtRandom(bytes, 1 + (round % 60), random)
      expect(reportOf(watch(cuts)), `round ${round}`).toEqual(expected)
    }
  })

  it('reports output, end and usage of whole streams', () => {
    const whole = Buffer.from((streams[0]?.[1] ?? []).join('').replaceAll('\n', lineEnd))
    expect(reportOf(watch([whole]))).toMatchObject({
      hasOutput: true,
      isComplete: true,
      error: null,
      usage: { totalTokens: 13 },
    })
    const marked = Buffer.from((streams[1]?.[1] ?? []).join('').replaceAll('\n', lineEnd))
    expect(reportOf(watch([marked]))).toMatchObject({ hasOutput: true, isComplete: true })
    const unended = Buffer.from((streams[6]?.[1] ?? []).join('').replaceAll('\n', lineEnd))
    expect(reportOf(watch([unended]))).toMatchObject({ hasOutput: true, isComplete: true })
  })

  /** Feeds a tap as an attempt does: the stream is cut between events, decoded, and ended. */
  function watch(pieces: readonly Buffer[]): StreamTap {
    const cutter = new EventCutter()
    const tap = new StreamTap(chat)
    for (const piece of pieces) tap.push(cutter.push(piece).toString())
    tap.end(cutter.flush().toString())
    return tap
  }
})

it('StreamTap observes an event of many megabytes like a short one', () => {
  const large = `{"choices":[{"delta":{"content":"${'世'.repeat(1_000_000)}"}}]}`
  expect(reportOf(tapped([large, counted(1), '[DONE]']))).toMatchObject({
    hasOutput: true,
    isComplete: true,
    error: null,
  })
})

it('StreamTap understands what follows an event that is too long to keep, and finds the usage at its end', () => {
  const tap = new StreamTap(chat)
  tap.push(`data: ${text}\n\n`)
  for (let piece = 0; piece < 40; piece++)
    tap.push(`${piece === 0 ? 'data: {"a":"' : ''}${'x'.repeat(10_000)}`)
  tap.push(`","usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14}}\n\ndata: [DONE]\n\n`)
  expect(reportOf(tap)).toMatchObject({ isComplete: true, error: null, usage: { totalTokens: 14 } })
  expect(tap.hasGap).toBe(true)
})

it('StreamTap does not throw when its reader does, and no longer observes', () => {
  const tap = new StreamTap(chat, () => {
    throw new Error('no more')
  })
  tap.push(`data: ${role}\n\n`)
  tap.push(`data: ${overloaded}\n\n`)
  expect(reportOf(tap)).toEqual({ hasOutput: true, isComplete: true, error: null, usage: null })
  expect(tap.hasGap).toBe(true)
})

it('StreamTap does not count half an end mark as the end', () => {
  const tap = new StreamTap(chat)
  tap.push(`data: ${text}\n\n`)
  tap.end('data: [DON')
  expect(tap.isComplete).toBe(false)
})

it('StreamTap does not count half an event as an event', () => {
  const tap = new StreamTap(chat)
  tap.end('data: {"error":{"message":"x"')
  expect(reportOf(tap)).toMatchObject({ hasOutput: false, error: null })
})
