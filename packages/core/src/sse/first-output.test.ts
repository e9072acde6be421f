import { describe, expect, it } from 'vitest'
import { isOutput } from './first-output.js'

const chunk = (delta: unknown, more: object = {}): unknown => ({
  id: '019a',
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason: null }],
  usage: { prompt_tokens: 9, completion_tokens: 0, total_tokens: 9 },
  ...more,
})

describe('isOutput, in a chat stream,', () => {
  it.each([
    ['a role with empty text', chunk({ role: 'assistant', content: '' })],
    ['a role with no text', chunk({ role: 'assistant', content: null, reasoning_content: '' })],
    [
      'a role, refusal and calls that are empty',
      chunk({ role: 'assistant', content: '', refusal: null, tool_calls: [], function_call: null }),
    ],
    ['an empty delta', chunk({})],
    ['no delta', { choices: [{ index: 0, finish_reason: 'stop' }] }],
    ['no choices, with usage', { choices: [], usage: { total_tokens: 9 } }],
    ['no choices', { choices: [] }],
    [
      'a reason to finish',
      { choices: [{ index: 0, delta: { content: '', reasoning_content: null }, finish_reason: 'stop' }] },
    ],
    ['an empty text of a completion', { object: 'text_completion', choices: [{ index: 0, text: '' }] }],
    [
      'several choices that are all empty',
      { choices: [{ delta: { content: '' } }, { delta: { role: 'assistant' } }] },
    ],
  ])('does not count %s', (_what, event) => {
    expect(isOutput(event)).toBe(false)
  })

  it.each([
    ['text', chunk({ content: 'Hi', reasoning_content: null })],
    ['white space', chunk({ content: ' ' })],
    ['text beside the role', chunk({ role: 'assistant', content: 'Hi' })],
    ['reasoning', chunk({ content: null, reasoning_content: 'Hm' })],
    ['reasoning under another name', chunk({ reasoning: 'Hm' })],
    [
      'a call',
      chunk({
        tool_calls: [{ index: 0, id: '019a', type: 'function', function: { name: 'f', arguments: '' } }],
      }),
    ],
    [
      'a broken call',
      chunk({ tool_calls: [{ index: 0, id: null, type: null, function: { name: '', arguments: '' } }] }),
    ],
    ['a refusal', chunk({ refusal: 'No' })],
    ['a text of a completion', { choices: [{ index: 0, text: 'x' }] }],
    ['a whole message', { choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' } }] }],
    ['the second of two choices', { choices: [{ delta: { content: '' } }, { delta: { content: 'Hi' } }] }],
    ['something unknown in a delta', chunk({ audio: { data: 'AAAA' } })],
  ])('counts %s', (_what, event) => {
    expect(isOutput(event)).toBe(true)
  })
})

describe('isOutput, in an Anthropic stream,', () => {
  it.each([
    {
      type: 'message_start',
      message: { id: 'm', role: 'assistant', content: [], usage: { input_tokens: 3 } },
    },
    { type: 'ping' },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    {
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'thinking', thinking: '', signature: '' },
    },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 0 } },
    { type: 'message_stop' },
  ])('does not count an empty $type', (event) => {
    expect(isOutput(event)).toBe(false)
  })

  it.each([
    { type: 'content_block_start', content_block: { type: 'text', text: 'Hi' } },
    { type: 'content_block_start', content_block: { type: 'tool_use', id: 't', name: 'f', input: {} } },
    {
      type: 'content_block_start',
      content_block: { type: 'server_tool_use', id: 't', name: 'web_search', input: {} },
    },
    { type: 'content_block_start', content_block: { type: 'redacted_thinking', data: 'AAAA' } },
    { type: 'content_block_delta', delta: { type: 'text_delta', text: 'Hi' } },
    { type: 'content_block_delta', delta: { type: 'thinking_delta', thinking: 'Hm' } },
    { type: 'content_block_delta', delta: { type: 'input_json_delta', partial_json: '{' } },
    { type: 'content_block_delta', delta: { type: 'signature_delta', signature: 'AAAA' } },
  ])('counts a filled $type', (event) => {
    expect(isOutput(event)).toBe(true)
  })
})

it.each([
  ['an event of another API', { type: 'response.output_text.delta', delta: 'Hi' }],
  ['an object without a type', { text: 'Hi' }],
  ['a list', [1]],
  ['a text', 'Hi'],
  ['a number', 0],
  ['null', null],
  ['a text that is not JSON', undefined],
])('isOutput counts %s, so that nothing unknown is held back', (_what, event) => {
  expect(isOutput(event)).toBe(true)
})
