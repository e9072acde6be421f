import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openaiRoute } from '../provider/openai-route.js'
import { assertProperty } from '../testing/assert-property.js'
import { sized } from '../testing/sized.js'
import type { JsonObject } from '../wire/json.js'
import { ChatAssembly } from './chat-assembly.js'
import { encodeReply } from './encode-reply.js'
import { MessageAssembly } from './message-assembly.js'
import { dataOf, splitEvents } from './split-events.js'

const chat = openaiRoute('POST', '/chat/completions')
const messages = openaiRoute('POST', '/messages')

const streamOf = (reply: unknown, withUsage = false, route = chat): string =>
  encodeReply(JSON.stringify(reply), route, withUsage)?.toString() ?? ''

const eventsOf = (stream: string): JsonObject[] =>
  splitEvents(Buffer.from(stream))
    .map((event) => dataOf(event.toString()) ?? '')
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data))

const usage = { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 }
const head = { id: 'x', created: 1, model: 'm', system_fingerprint: '' }
const call = (name: string): JsonObject => ({
  id: `c-${name}`,
  type: 'function',
  function: { name, arguments: '{"a":1}' },
})

describe('the stream of a chat completion', () => {
  const reply = {
    ...head,
    object: 'chat.completion',
    citations: ['https://example.com'],
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: 'Hello, 世界',
          reasoning_content: 'Hm',
          refusal: null,
          tool_calls: [call('one'), call('two')],
          audio: { id: 'a', data: 'AAAA' },
        },
        logprobs: { content: [{ token: 'Hello', logprob: -0.1 }] },
        finish_reason: 'tool_calls',
        content_filter_results: { hate: { filtered: false } },
      },
      { index: 1, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' },
    ],
    usage,
  }

  it('has the parts in the order that clients expect, and one end', () => {
    const stream = streamOf(reply)
    expect(stream).toMatch(/^data: \{.*\}\n\ndata: /)
    expect(stream.endsWith('\n\ndata: [DONE]\n\n')).toBe(true)
    const deltas = eventsOf(stream).map((event) => (event.choices as JsonObject[])[0])
    expect(
      deltas.map((choice) => [choice?.index, Object.keys(choice?.delta ?? {}), choice?.finish_reason]),
    ).toEqual([
      [0, ['role', 'content'], null],
      [0, ['reasoning_content'], null],
      [0, ['content'], null],
      [0, ['refusal', 'audio'], null],
      [0, ['tool_calls'], null],
      [0, ['tool_calls'], null],
      [0, [], 'tool_calls'],
      [1, ['role', 'content'], null],
      [1, ['content'], null],
      [1, [], 'stop'],
    ])
    expect(eventsOf(stream)[0]).toMatchObject({
      ...head,
      object: 'chat.completion.chunk',
      citations: [expect.anything()],
    })
    expect(eventsOf(stream).every((event) => event.id === 'x' && event.usage === undefined)).toBe(true)
  })

  it('has the usage at the end for a client that asked for it, and null before', () => {
    const events = eventsOf(streamOf(reply, true))
    expect(events.at(-1)).toMatchObject({ choices: [], usage })
    expect(events.slice(0, -1).every((event) => event.usage === null)).toBe(true)
  })

  it('assembles to the original reply', () => {
    const assembly = new ChatAssembly()
    for (const event of eventsOf(streamOf(reply, true))) assembly.push(event)
    expect(assembly.reply()).toEqual(reply)
  })

  it('assembles to the original reply for any shape', () => {
    const text = fc.oneof(fc.constant(null), fc.string({ minLength: 1, unit: 'grapheme' }))
    const toolCall = fc.record({
      id: fc.string({ minLength: 1 }),
      type: fc.constant('function'),
      function: fc.record({ name: fc.string({ minLength: 1 }), arguments: fc.json() }),
    })
    const message = fc.record(
      {
        role: fc.constant('assistant'),
        content: text,
        reasoning_content: text,
        refusal: text,
        tool_calls: fc.array(toolCall, { minLength: 1 }),
      },
      { requiredKeys: ['role', 'content'] },
    )
    const choices = fc
      .array(fc.record({ message, finish_reason: fc.constantFrom('stop', 'length', 'tool_calls') }), {
        minLength: 1,
      })
      .map((all) => all.map((choice, index) => ({ index, ...choice })))
    assertProperty(
      fc.property(choices, (given) => {
        const whole = { ...head, object: 'chat.completion', choices: given, usage }
        const assembly = new ChatAssembly()
        for (const event of eventsOf(streamOf(whole, true))) assembly.push(event)
        const { choices: got, ...others } = assembly.reply()
        expect(others).toEqual({ ...head, object: 'chat.completion', usage })
        // A null member is left out: an event with only null would carry nothing.
        expect(withoutNulls(got)).toEqual(withoutNulls(emptyForNull(given)))
      }),
      { numRuns: sized(100, 300) },
    )
  })
})

/** A stream begins with an empty text, so a message without text comes back with an empty one. */
const emptyForNull = (choices: readonly { message: JsonObject }[]): unknown =>
  choices.map((choice) => ({
    ...choice,
    message: { ...choice.message, content: choice.message.content ?? '' },
  }))

const withoutNulls = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_name, member) => (member === null ? undefined : member)))

describe('the stream of a text completion', () => {
  it('has the text and the end', () => {
    const reply = {
      ...head,
      object: 'text_completion',
      choices: [{ index: 0, text: 'Hi', logprobs: null, finish_reason: 'stop' }],
      usage,
    }
    const events = eventsOf(streamOf(reply, true))
    expect(events.map(({ object }) => object)).toEqual(Array(3).fill('text_completion'))
    const assembly = new ChatAssembly()
    for (const event of events) assembly.push(event)
    expect(assembly.reply()).toEqual(reply)
  })
})

describe('the stream of an Anthropic message', () => {
  const reply = {
    id: 'msg',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [
      { type: 'thinking', thinking: 'Hm', signature: 'AAAA' },
      { type: 'redacted_thinking', data: 'BBBB' },
      { type: 'text', text: 'Hello', citations: [{ type: 'char_location', cited_text: 'x' }] },
      { type: 'text', text: '' },
      { type: 'tool_use', id: 't', name: 'f', input: { a: [1, { b: '}' }] } },
      { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
      { type: 'web_search_tool_result', tool_use_id: 's', content: [{ url: 'https://example.com' }] },
    ],
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage: { input_tokens: 3, output_tokens: 5, cache_read_input_tokens: 0 },
  }

  it('has the named events in Anthropic’s order', () => {
    const stream = streamOf(reply, false, messages)
    const names = [...stream.matchAll(/^event: (\w+)\ndata: \{"type":"(\w+)"/gm)].map(([, event, type]) => [
      event,
      type,
    ])
    expect(names.every(([event, type]) => event === type)).toBe(true)
    expect(names.map(([event]) => event).join(' ')).toMatch(
      /^message_start (content_block_start (content_block_delta )*content_block_stop ){7}message_delta message_stop$/,
    )
    expect(stream).not.toContain('[DONE]')
    expect(eventsOf(stream)[0]).toMatchObject({
      message: { content: [], stop_reason: null, usage: { output_tokens: 0 } },
    })
  })

  it('assembles to the original reply', () => {
    const assembly = new MessageAssembly()
    for (const event of eventsOf(streamOf(reply, false, messages))) assembly.push(event)
    expect(assembly.reply()).toEqual(reply)
  })
})

it.each(['', '{', '[]', '"x"', '{"choices":7}', '{"choices":[1]}', '{"id":"x"}'])(
  'encodeReply makes no stream of %j',
  (body) => {
    expect(encodeReply(body, chat, false)).toBeNull()
    expect(encodeReply(body, messages, false)).toBeNull()
  },
)
