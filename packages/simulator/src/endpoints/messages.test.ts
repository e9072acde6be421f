import { expect, test } from 'vitest'
import { ask, hello } from '../testing/ask.js'
import { running } from '../testing/running.js'

const plain = 'Qwen/Qwen2.5-72B-Instruct'
const message = { model: plain, messages: hello, max_tokens: 64 }
const tool = { name: 'look', input_schema: { type: 'object', properties: { at: { type: 'string' } } } }

function eventsIn(text: string): { type: string; data: Record<string, unknown> }[] {
  return [...text.matchAll(/event: (.*)\ndata: (.*)\n\n/g)].map(([, type = '', data = '']) => ({
    type,
    data: JSON.parse(data),
  }))
}

test('/messages accepts the key in x-api-key or as a bearer token', async () => {
  const { url, key } = await running()
  const byHeader = await ask(`${url}/messages`, { body: message, headers: { 'x-api-key': key } })
  expect(byHeader.json).toMatchObject({
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text: expect.stringMatching(/./) }],
    model: plain,
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: expect.any(Number), output_tokens: 16 },
  })
  expect((await ask(`${url}/messages`, { key, body: message })).status).toBe(200)
  const elsewhere = await ask(`${url}/models`, { headers: { 'x-api-key': key } })
  expect(elsewhere.status).toBe(401)
})

test('a stream of /messages goes from message_start to message_stop, with one delta per token', async () => {
  const { sim, url, key } = await running({ settings: { replyTokens: 3, reasoningTokens: 2 } })
  const body = { ...message, model: 'Qwen/Qwen3-32B', stream: true }
  const { text } = await ask(`${url}/messages`, { key, body })
  expect(eventsIn(text).map(({ type }) => type)).toEqual([
    'message_start',
    'content_block_start',
    'content_block_delta',
    'content_block_delta',
    'content_block_stop',
    'content_block_start',
    'content_block_delta',
    'content_block_delta',
    'content_block_delta',
    'content_block_stop',
    'message_delta',
    'message_stop',
  ])
  expect(eventsIn(text).at(-2)?.data).toMatchObject({
    delta: { stop_reason: 'end_turn' },
    usage: { output_tokens: 5 },
  })
  expect(sim.accounts.get('account-1')?.ledger[0]?.usage.outputTokens).toBe(5)
})

test('/messages calls tools and streams their input as partial JSON', async () => {
  const { url, key } = await running()
  const whole = await ask(`${url}/messages`, { key, body: { ...message, tools: [tool] } })
  expect(whole.json).toMatchObject({
    stop_reason: 'tool_use',
    content: [{ type: 'tool_use', name: 'look', input: { at: expect.any(String) } }],
  })
  const { text } = await ask(`${url}/messages`, { key, body: { ...message, tools: [tool], stream: true } })
  const pieces = eventsIn(text).flatMap(
    ({ data }) => (data.delta as { partial_json?: string } | undefined)?.partial_json ?? [],
  )
  expect(JSON.parse(pieces.join(''))).toHaveProperty('at')
  const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: 'seen' }] }
  const after = await ask(`${url}/messages`, {
    key,
    body: { ...message, tools: [tool], messages: [...hello, result] },
  })
  expect(after.json).toMatchObject({ stop_reason: 'end_turn' })
  const twice = await ask(`${url}/messages`, {
    key,
    body: { ...message, tools: [tool] },
    headers: { 'x-sim-tool-calls': '2' },
  })
  expect(twice.json).toMatchObject({ content: [{ name: 'look' }, { name: 'look' }] })
})

test('/messages accepts thinking only as enabled or disabled', async () => {
  const { url, key } = await running()
  const body = { ...message, model: 'Qwen/Qwen3-32B' }
  const types = async (thinking: unknown): Promise<unknown> => {
    const { json } = await ask(`${url}/messages`, { key, body: { ...body, thinking } })
    return (json as { content: { type: string }[] }).content.map(({ type }) => type)
  }
  expect(await types({ type: 'enabled', budget_tokens: 1024 })).toEqual(['thinking', 'text'])
  expect(await types({ type: 'disabled' })).toEqual(['text'])
  const odd = await ask(`${url}/messages`, { key, body: { ...body, thinking: { type: 'auto' } } })
  expect(odd).toMatchObject({ status: 400, json: { message: 'thinking type should be enabled or disabled' } })
})

test('errors of /messages keep the shape of the platform', async () => {
  const { url, key } = await running({ money: {} })
  expect((await ask(`${url}/messages`, { key, body: message })).json).toEqual({
    code: 30_001,
    message: 'Sorry, your account balance is insufficient',
    data: null,
  })
  const short = await ask(`${url}/messages`, { key, body: { model: plain, messages: hello } })
  expect(short.json).toMatchObject({ message: 'Field required' })
})

test('an error event in a stream of /messages may be wrapped as in Anthropic’s API', async () => {
  const { sim, url, key } = await running()
  sim.faults.add({ fault: { kind: 'error-event', name: 'overloaded', shape: 'wrapped', afterEvents: 2 } })
  const { text } = await ask(`${url}/messages`, { key, body: { ...message, stream: true } })
  expect(eventsIn(text).at(-1)).toMatchObject({
    type: 'error',
    data: { type: 'error', error: { code: 50_508 } },
  })
})
