import { describe, expect, it } from 'vitest'
import { KeyPoolError } from '../../errors.js'
import type { Runtime } from '../../runtime/runtime.js'
import { dataOf, splitEvents } from '../../sse/split-events.js'
import { type FakeRuntime, fakeRuntime } from '../../testing/fake-runtime.js'
import { RecordingFlow, RecordingSink } from '../../testing/recording-sink.js'
import type { SmoothOptions } from '../request/stream-options.js'
import type { Sink } from './sink.js'
import { smoothSink } from './smooth-sink.js'

const delta = (content: string, more: object = {}): string =>
  `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content }, finish_reason: null }], ...more })}\n\n`

interface Staged {
  readonly sink: Sink
  readonly client: RecordingSink
  readonly flow: RecordingFlow
  readonly runtime: FakeRuntime
  send(text: string): boolean
  /** The text of each event so far. */
  readonly texts: string[]
}

function staged(options: SmoothOptions = {}, type = 'text/event-stream'): Staged {
  const runtime = fakeRuntime()
  const client = new RecordingSink(runtime.now)
  const flow = new RecordingFlow()
  const sink = smoothSink(client, {
    runtime,
    options: { by: 'character', maxDelayMs: 1_000, factor: 0.5, ...options },
  })
  sink.attach(flow)
  sink.head(200, ['content-type', type])
  return {
    sink,
    client,
    flow,
    runtime,
    send: (text) => sink.data(Buffer.from(text)),
    get texts() {
      return textsOf(client.bytes)
    },
  }
}

function textsOf(stream: Buffer): string[] {
  return splitEvents(stream).flatMap((event) => {
    const data = dataOf(event.toString())
    if (data === undefined || data === '[DONE]') return []
    const { choices, delta: block } = JSON.parse(data)
    return [choices?.[0]?.delta?.content ?? choices?.[0]?.text ?? block?.text ?? '']
  })
}

/** Bursts of text, each after its number of milliseconds. */
function play({ send, runtime, sink }: Staged, bursts: readonly (readonly [number, string])[]): void {
  for (const [afterMs, text] of bursts) {
    runtime.advance(afterMs)
    send(delta(text))
  }
  runtime.advance(60_000)
  sink.end(Buffer.from('data: [DONE]\n\n'))
  runtime.advance(60_000)
}

describe('smoothSink, for its pace,', () => {
  it('sends text evenly that comes in bursts', () => {
    const given = staged()
    const bursts = Array.from({ length: 20 }, () => [400, 'abcdefghijklmnopqrst'] as const)
    play(given, bursts)
    const gaps = given.client.times.slice(1).map((at, index) => at - (given.client.times[index] ?? 0))
    const usual = gaps.slice(10, -3)
    // 20 characters in 400 ms are one every 20 ms.
    expect(Math.max(...usual)).toBeLessThanOrEqual(60)
    expect(given.texts.join('')).toBe(bursts.map(([, text]) => text).join(''))
    expect(given.client.bytes.toString().endsWith('data: [DONE]\n\n')).toBe(true)
  })

  it('keeps the pace of a slow or a fast stream, without falling behind more and more', () => {
    for (const gapMs of [5, 50, 300]) {
      const given = staged({ maxDelayMs: 5_000 })
      const bursts = Array.from({ length: 60 }, () => [gapMs, 'abcde'] as const)
      const startedAt = given.runtime.now()
      for (const [afterMs, text] of bursts) {
        given.runtime.advance(afterMs)
        given.send(delta(text))
        const sent = given.texts.join('').length
        const came = Math.round((given.runtime.now() - startedAt) / gapMs) * 5
        expect(came - sent).toBeLessThanOrEqual(20)
      }
    }
  })

  it('sends the first text at once', () => {
    const given = staged()
    given.send(delta('Hello'))
    expect(given.texts.join('')).toBe('Hell')
  })

  it.each([0, 50, 1_000])('holds no byte for more than %i ms, for any text', (maxDelayMs) => {
    const given = staged({ maxDelayMs })
    let length = 0
    const dueAt: number[] = []
    for (let round = 0; round < 200; round++) {
      given.runtime.advance(Math.floor(given.runtime.random() * 400))
      const text = 'x'.repeat(1 + Math.floor(given.runtime.random() ** 3 * 80))
      given.send(delta(text))
      for (let count = 0; count < text.length; count++) dueAt[length++] = given.runtime.now() + maxDelayMs
    }
    given.runtime.advance(5_000)
    let sent = 0
    for (const [at, chunk] of given.client.chunks.entries()) {
      for (const text of textsOf(chunk))
        for (let count = 0; count < text.length; count++)
          expect(given.client.times[at]).toBeLessThanOrEqual(dueAt[sent++] ?? 0)
    }
    expect(sent).toBe(length)
  })

  it('sends all text that is due as one event by batches', () => {
    const [single, batch] = (['character', 'batch'] as const).map((by) => {
      const given = staged({ by })
      play(
        given,
        Array.from({ length: 5 }, () => [100, 'abcdefghijklmnopqrstuvwxyz'.repeat(4)] as const),
      )
      return given.texts
    })
    expect(single?.join('')).toBe(batch?.join(''))
    expect(batch?.length).toBeLessThan((single?.length ?? 0) / 4)
  })
})

describe('smoothSink, for characters as people see them,', () => {
  it.each(['👩‍👩‍👧‍👦', '👍🏽', '🇩🇪', 'é', 'हिन्दी', '1️⃣', '한', '\r\n'])(
    'does not cut %j in one event',
    (text) => {
      const given = staged()
      play(given, [[0, text + text]])
      const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
      const expected = Array.from(segmenter.segment(text + text), ({ segment }) => segment)
      expect(given.texts).toEqual(expected)
    },
  )

  it.each(['👩‍👩‍👧', '👍🏽', '🇩🇪', 'e\u0301', 'क\u093e', '1\ufe0f\u20e3', '\ud83d\ude00'])(
    'does not cut %j, whose parts come in two events',
    (character) => {
      const units = Array.from({ length: character.length - 1 }, (_, at) => at + 1)
      for (const at of units) {
        const given = staged()
        play(given, [
          [10, 'a'],
          [10, `b${character.slice(0, at)}`],
          [10, `${character.slice(at)}c`],
        ])
        expect(given.texts.join('')).toBe(`ab${character}c`)
        expect(given.texts).toContain(character)
      }
    },
  )

  it('sends an event with an empty text when its text moved into the next one', () => {
    const given = staged()
    given.send(delta('e', { usage: { total_tokens: 1 } }))
    given.send(delta('\u0301', { usage: { total_tokens: 2 } }))
    given.runtime.advance(2_000)
    expect(given.texts).toEqual(['', 'e\u0301'])
    expect(given.client.text.match(/"total_tokens":\d/g)).toEqual(['"total_tokens":1', '"total_tokens":2'])
  })
})

describe('smoothSink, for other events,', () => {
  it.each([
    ['a comment', ': keep-alive\n\n'],
    [
      'reasoning',
      'data: {"choices":[{"index":0,"delta":{"content":null,"reasoning_content":"Let me think"}}]}\n\n',
    ],
    [
      'a tool call',
      'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]}\n\n',
    ],
    [
      'text with a tool call',
      'data: {"choices":[{"delta":{"content":"abc","tool_calls":[{"index":0}]}}]}\n\n',
    ],
    [
      'text with a finish reason',
      'data: {"choices":[{"delta":{"content":"abc"},"finish_reason":"stop"}]}\n\n',
    ],
    ['text with logprobs', 'data: {"choices":[{"delta":{"content":"abc"},"logprobs":{"content":[]}}]}\n\n'],
    ['two choices', 'data: {"choices":[{"delta":{"content":"abc"}},{"delta":{"content":"abc"}}]}\n\n'],
    ['text with a list', 'data: {"citations":["u"],"choices":[{"delta":{"content":"abc"}}]}\n\n'],
    ['text on two lines', 'data: {"choices":[{"delta":\ndata: {"content":"abc"}}]}\n\n'],
    ['text with an id', 'id: 7\ndata: {"choices":[{"delta":{"content":"abc"}}]}\n\n'],
    ['usage', 'data: {"choices":[],"usage":{"total_tokens":1}}\n\n'],
    ['malformed JSON', 'data: {"choices":[{"delta":{"content":"abc"\n\n'],
    ['half an event', 'data: {"choices"'],
    [
      'reasoning of Anthropic',
      'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"type":"thinking_delta","thinking":"abc"}}\n\n',
    ],
  ])('passes on byte for byte and in its place %s', (_what, event) => {
    const given = staged()
    play(given, [])
    const other = staged()
    other.send(delta('Hello'))
    other.send(event)
    other.sink.end(Buffer.from(delta('world')))
    other.runtime.advance(5_000)
    expect(other.client.text).toContain(event)
    const [before = '', behind = ''] = other.client.text.split(event)
    expect([textsOf(Buffer.from(before)).join(''), textsOf(Buffer.from(behind)).join('')]).toEqual([
      'Hello',
      'world',
    ])
  })

  it('keeps every byte around a text that it cuts', () => {
    const given = staged()
    const event =
      'event: x\r\ndata:{ "id":12345678901234567890, "choices" : [ {"delta":{"role":"assistant","content":"\\u4f60\\n","x":null},"finish_reason":""} ] ,"usage":{"n":[1]}}\r\n\r\n'
    given.send(event)
    given.sink.end()
    given.runtime.advance(5_000)
    expect(given.client.text).toBe(
      event.replace('"\\u4f60\\n"', '"你"') + event.replace('"\\u4f60\\n"', '"\\n"'),
    )
  })

  it.each([
    [
      'a text completion',
      (text: string) => `data: {"choices":[{"index":0,"text":"${text}","finish_reason":null}]}\n\n`,
    ],
    [
      'an Anthropic message',
      (text: string) =>
        `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${text}"}}\n\n`,
    ],
  ])('paces the text of %s, too', (_what, event) => {
    const given = staged()
    given.send(event('abc'))
    given.sink.end()
    given.runtime.advance(5_000)
    expect(given.client.text).toBe(event('a') + event('b') + event('c'))
  })

  it('passes on answers that are not streams', () => {
    const given = staged({}, 'application/json')
    given.send('{"choices":')
    given.sink.end(Buffer.from('[]}'))
    expect(given.client.text).toBe('{"choices":[]}')
    expect(given.client.calls).toEqual(['head', 'data', 'end'])
    expect(given.runtime.timerCount).toBe(0)
  })
})

describe('smoothSink, at the end,', () => {
  const running = (): Staged => {
    const given = staged()
    for (let round = 0; round < 4; round++) {
      given.send(delta('Hello, world'))
      given.runtime.advance(500)
    }
    given.send(delta('and that is all of it'))
    return given
  }

  it('ends when all text is sent, within the longest delay', () => {
    const given = running()
    given.sink.end(Buffer.from('data: [DONE]\n\n'))
    expect(given.client.isOver).toBe(false)
    given.runtime.advance(1_000)
    expect(given.client.calls.at(-1)).toBe('end')
    expect(given.texts.join('')).toContain('and that is all of it')
    expect(given.runtime.timerCount).toBe(0)
  })

  it('keeps the process alive until the text is sent', () => {
    const awaited: unknown[] = []
    const clock = fakeRuntime()
    const runtime: Runtime = {
      now: clock.now,
      monotonic: clock.monotonic,
      random: clock.random,
      clearTimer: clock.clearTimer,
      setTimer: (run, delayMs, isAwaited) => {
        awaited.push(isAwaited)
        return clock.setTimer(run, delayMs)
      },
    }
    const options = { by: 'batch', maxDelayMs: 1_000, factor: 0.5 } as const
    const sink = smoothSink(new RecordingSink(), { runtime, options })
    sink.attach(new RecordingFlow())
    sink.head(200, ['content-type', 'text/event-stream'])
    sink.data(Buffer.from(delta('Hello')))
    expect(awaited).toEqual([true])
  })

  it('fails at once on an error, behind all waiting text', () => {
    const given = running()
    given.send('data: {"error":{"message":"broken"}}\n\n')
    given.sink.fail(new KeyPoolError('stream_interrupted', 'broken'))
    expect(given.client.text.endsWith('data: {"error":{"message":"broken"}}\n\n')).toBe(true)
    expect(given.texts.join('')).toContain('and that is all of it')
    expect(given.client.error?.message).toBe('broken')
    expect(given.runtime.timerCount).toBe(0)
  })

  it('aborts the engine when the client leaves, and sends nothing more', () => {
    const given = running()
    const { length } = given.client.chunks
    given.client.flow?.abort()
    expect(given.flow.calls).toEqual(['abort'])
    expect(given.runtime.timerCount).toBe(0)
    given.runtime.advance(5_000)
    expect(given.client.chunks).toHaveLength(length)
  })
})

describe('smoothSink, for back-pressure,', () => {
  it('pauses and resumes the engine with the client', () => {
    const given = staged()
    given.client.wantsMore = false
    expect(given.send(delta('Hello'))).toBe(false)
    const before = given.client.text
    expect(given.send(delta('world'))).toBe(false)
    given.runtime.advance(10_000)
    expect(given.client.text).toBe(before)
    given.client.wantsMore = true
    given.client.flow?.resume()
    expect(given.flow.calls).toEqual(['resume'])
    given.runtime.advance(10_000)
    expect(given.texts.join('')).toBe('Helloworld')
  })

  it('pauses the engine when too much waits, and resumes it when that is sent', () => {
    const given = staged()
    given.send(delta('a'))
    given.runtime.advance(1_000)
    given.send(delta('b'))
    let takesMore = true
    for (let round = 0; takesMore && round < 10_000; round++) takesMore = given.send(delta('x'.repeat(100)))
    expect(takesMore).toBe(false)
    expect(given.flow.calls).toEqual([])
    given.runtime.advance(1_000)
    expect(given.flow.calls).toEqual(['resume'])
  })

  it('does not resume an engine that it did not pause', () => {
    const given = staged()
    given.client.flow?.resume()
    expect(given.flow.calls).toEqual([])
  })
})
