import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../wire/json.js'
import { ChatAssembly } from './chat-assembly.js'
import { mergeDelta } from './merge-delta.js'
import { MessageAssembly } from './message-assembly.js'

const chunk = (delta: JsonObject, more: JsonObject = {}, choice: JsonObject = {}): JsonObject => ({
  id: '019a',
  object: 'chat.completion.chunk',
  created: 7,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: null, ...choice }],
  system_fingerprint: '',
  ...more,
})

function assembled(events: readonly JsonObject[]): JsonObject {
  const assembly = new ChatAssembly()
  for (const event of events) assembly.push(event)
  return assembly.reply()
}

const choiceOf = (events: readonly JsonObject[], at = 0): JsonObject =>
  (assembled(events).choices as JsonObject[])[at] ?? {}
const messageOf = (events: readonly JsonObject[]): JsonObject => choiceOf(events).message as JsonObject

describe('the reply assembled from a SiliconFlow stream', () => {
  const usage = (tokens: number): JsonObject => ({
    usage: { prompt_tokens: 9, completion_tokens: tokens, total_tokens: 9 + tokens },
  })

  it('has the reasoning, the text and the last of the cumulative usages', () => {
    const reply = assembled([
      chunk({ content: '', reasoning_content: null, role: 'assistant' }, usage(0)),
      chunk({ content: null, reasoning_content: 'Let me ' }, usage(1)),
      chunk({ content: null, reasoning_content: 'think' }, usage(2)),
      chunk({ content: 'Hello', reasoning_content: null }, usage(3)),
      chunk({ content: ', 世界', reasoning_content: null }, usage(4)),
      chunk({ content: '', reasoning_content: null }, usage(4), { finish_reason: 'stop' }),
    ])
    expect(reply).toEqual({
      id: '019a',
      object: 'chat.completion',
      created: 7,
      model: 'm',
      system_fingerprint: '',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello, 世界', reasoning_content: 'Let me think' },
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
    })
  })

  it('has whole tool calls, though their later pieces have an id of null and an empty name', () => {
    const message = messageOf([
      chunk({ role: 'assistant', content: null, tool_calls: null }),
      chunk({
        tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }],
      }),
      chunk({ tool_calls: [{ index: 0, id: null, type: null, function: { name: '', arguments: '{"x"' } }] }),
      chunk({
        tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '{' } }],
      }),
      chunk({ tool_calls: [{ index: 0, id: null, type: null, function: { name: '', arguments: ':1}' } }] }),
      chunk({ tool_calls: [{ index: 1, function: { arguments: '}' } }] }),
    ])
    expect(message).toEqual({
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
        { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
      ],
    })
  })

  it('keeps malformed tool calls as they are', () => {
    const piece = { index: 0, id: null, type: null, function: { name: '', arguments: '{' } }
    expect(messageOf([chunk({ tool_calls: [piece] })]).tool_calls).toEqual([
      { id: null, type: null, function: { name: '', arguments: '{' } },
    ])
  })
})

describe('the reply assembled from an OpenAI stream', () => {
  it('has whole tool calls, though the stream leaves out their index', () => {
    const message = messageOf([
      chunk({ tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{' } }] }),
      chunk({ tool_calls: [{ function: { arguments: '}' } }] }),
      chunk({ tool_calls: [{ id: 'b', function: { name: 'g', arguments: '{}' } }] }),
    ])
    expect(message.tool_calls).toEqual([
      { id: 'a', function: { name: 'f', arguments: '{}' } },
      { id: 'b', function: { name: 'g', arguments: '{}' } },
    ])
  })

  it('has each id, type and name once, though the stream repeats them in every piece', () => {
    const piece = { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '1' } }
    expect(messageOf([chunk({ tool_calls: [piece] }), chunk({ tool_calls: [piece] })]).tool_calls).toEqual([
      { id: 'a', type: 'function', function: { name: 'f', arguments: '11' } },
    ])
  })

  it('has its choices in the order of their index', () => {
    const events = [1, 0, 1, 0].map((index) => chunk({ content: String(index) }, {}, { index }))
    expect(
      (assembled(events).choices as JsonObject[]).map(({ index, message }) => [
        index,
        (message as JsonObject).content,
      ]),
    ).toEqual([
      [0, '00'],
      [1, '11'],
    ])
  })

  it('has logprobs, refusals, audio and unknown members', () => {
    const logprobs = (token: string): JsonObject => ({
      logprobs: { content: [{ token, logprob: -1 }], refusal: null },
    })
    const choice = choiceOf([
      chunk(
        { role: 'assistant', audio: { id: 'x', transcript: 'a', data: 'QQ' } },
        { service_tier: 'default' },
        logprobs('a'),
      ),
      chunk(
        { audio: { transcript: 'b', data: 'Qg', expires_at: 9 }, annotations: [{ url: 'u' }] },
        {},
        logprobs('b'),
      ),
      chunk({ refusal: 'No', strange: 's' }, {}, { content_filter_results: { hate: { severity: 'safe' } } }),
      chunk(
        { refusal: '!', strange: 't', annotations: [{ url: 'v' }] },
        {},
        { content_filter_results: { hate: { severity: 'safe' } } },
      ),
      chunk({}, {}, { finish_reason: 'stop', stop_reason: 7 }),
    ])
    expect(choice).toEqual({
      index: 0,
      message: {
        role: 'assistant',
        content: null,
        audio: { id: 'x', transcript: 'ab', data: 'QQQg', expires_at: 9 },
        annotations: [{ url: 'u' }, { url: 'v' }],
        refusal: 'No!',
        strange: 'st',
      },
      finish_reason: 'stop',
      logprobs: {
        content: [
          { token: 'a', logprob: -1 },
          { token: 'b', logprob: -1 },
        ],
        refusal: null,
      },
      content_filter_results: { hate: { severity: 'safe' } },
      stop_reason: 7,
    })
  })

  it('has the finish reason, though earlier events have an empty one', () => {
    expect(choiceOf([chunk({ content: 'x' }, {}, { finish_reason: '' })]).finish_reason).toBeNull()
  })

  it('has the text of a text completion', () => {
    const text = (piece: string, reason: string | null): JsonObject => ({
      object: 'text_completion',
      choices: [{ index: 0, text: piece, logprobs: null, finish_reason: reason }],
    })
    expect(assembled([text('a', null), text('b', 'stop')])).toEqual({
      object: 'text_completion',
      choices: [{ index: 0, text: 'ab', logprobs: null, finish_reason: 'stop' }],
    })
  })

  it('has no choices when the stream has no events', () => {
    expect(assembled([])).toEqual({ choices: [] })
    expect(assembled([{ type: 'ping' }])).toEqual({ choices: [] })
  })
})

it('mergeDelta treats the names of prototype members like any other name', () => {
  const whole: JsonObject = {}
  mergeDelta(whole, JSON.parse('{"__proto__":{"polluted":1},"constructor":"x"}'))
  expect(Object.keys(whole)).toEqual(['__proto__', 'constructor'])
  expect(({} as JsonObject).polluted).toBeUndefined()
})

describe('the reply assembled from an Anthropic stream', () => {
  const run = (events: readonly JsonObject[]): JsonObject => {
    const assembly = new MessageAssembly()
    for (const event of events) assembly.push(event)
    return assembly.reply()
  }

  it('has the message and the last usage', () => {
    const reply = run([
      {
        type: 'message_start',
        message: {
          id: 'm',
          type: 'message',
          content: [],
          stop_reason: null,
          usage: { input_tokens: 9, output_tokens: 1 },
        },
      },
      { type: 'ping' },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'He' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'llo' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'content_block_start',
        index: 1,
        content_block: { type: 'tool_use', id: 't', name: 'f', input: {} },
      },
      { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"a":' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '1}' } },
      { type: 'content_block_stop', index: 1 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'tool_use', stop_sequence: null },
        usage: { output_tokens: 7, input_tokens: null },
      },
      { type: 'message_stop' },
    ])
    expect(reply).toEqual({
      id: 'm',
      type: 'message',
      content: [
        { type: 'text', text: 'Hello' },
        { type: 'tool_use', id: 't', name: 'f', input: { a: 1 } },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: { input_tokens: 9, output_tokens: 7 },
    })
  })

  it('keeps a tool input that is not JSON', () => {
    const reply = run([
      { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', input: {} } },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"a":' } },
    ])
    expect(reply.content).toEqual([{ type: 'tool_use', input: '{"a":' }])
  })
})
