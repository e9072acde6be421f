import { expect, test } from 'vitest'
import { ask, eventsOf, hello } from '../testing/ask.js'
import { running } from '../testing/running.js'

const plain = 'Qwen/Qwen2.5-72B-Instruct'
const hybrid = 'Qwen/Qwen3-32B'
const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { enum: ['C', 'F'] }, days: { type: 'integer' } },
    },
  },
}

interface Chunk {
  choices: { index: number; delta: Record<string, unknown>; finish_reason: string | null }[]
  usage?: { completion_tokens: number; completion_tokens_details?: { reasoning_tokens: number } }
}

function chunksOf(text: string): Chunk[] {
  return eventsOf(text)
    .filter((event) => event !== '[DONE]')
    .map((event) => JSON.parse(event) as Chunk)
}

test('a hybrid model thinks unless the request disables it', async () => {
  const { url, key } = await running()
  const think = async (extra: object): Promise<unknown> =>
    (await ask(`${url}/chat/completions`, { key, body: { model: hybrid, messages: hello, ...extra } })).json
  const thought = { choices: [{ message: { reasoning_content: expect.any(String) } }] }
  expect(await think({})).toMatchObject(thought)
  expect(await think({ enable_thinking: true })).toMatchObject(thought)
  expect(await think({ enable_thinking: false })).not.toMatchObject(thought)
})

test('a stream has its usage in every chunk, in a trailing chunk or on the finish chunk', async () => {
  const { sim, url, key } = await running({ settings: { replyTokens: 3 } })
  const body = { model: plain, messages: hello, stream: true }
  const usages = async (usage: 'every-chunk' | 'trailing' | 'finish'): Promise<(number | undefined)[]> => {
    sim.settings.update({ usage })
    const chunks = chunksOf((await ask(`${url}/chat/completions`, { key, body })).text)
    return chunks.map((chunk) => chunk.usage?.completion_tokens)
  }
  const none = undefined
  expect(await usages('every-chunk')).toEqual([0, 1, 2, 3, 3])
  expect(await usages('trailing')).toEqual([none, none, none, none, none, 3])
  expect(await usages('finish')).toEqual([none, none, none, none, 3])
})

test('a trailing usage chunk has no choices', async () => {
  const { url, key } = await running()
  const body = { model: 'Qwen/Qwen3.5-4B', messages: hello, stream: true }
  const last = chunksOf((await ask(`${url}/chat/completions`, { key, body })).text).at(-1)
  expect(last).toMatchObject({ choices: [], usage: { completion_tokens_details: { reasoning_tokens: 12 } } })
})

test('details of the usage appear in a stream once they are not zero', async () => {
  const { url, key } = await running()
  const body = { model: hybrid, messages: hello, stream: true }
  const chunks = chunksOf((await ask(`${url}/chat/completions`, { key, body })).text)
  expect(chunks[0]?.usage?.completion_tokens_details).toBeUndefined()
  expect(chunks[1]?.usage?.completion_tokens_details).toEqual({ reasoning_tokens: 1 })
})

test('a tool is called after a message of the user, and the answer follows the tool', async () => {
  const { url, key } = await running()
  const body = { model: plain, messages: hello, tools: [weather] }
  const first = await ask(`${url}/chat/completions`, { key, body })
  expect(first.json).toMatchObject({ choices: [{ finish_reason: 'tool_calls', message: { content: '' } }] })
  const [choice] = (
    first.json as {
      choices: { message: { tool_calls: { id: string; function: { name: string; arguments: string } }[] } }[]
    }
  ).choices
  const [call] = choice?.message.tool_calls ?? []
  expect(call?.id).toMatch(/^[0-9a-f]{32}$/)
  expect(call?.function.name).toBe('get_weather')
  expect(JSON.parse(call?.function.arguments ?? '')).toEqual({
    city: expect.any(String),
    unit: 'C',
    days: expect.any(Number),
  })
  const messages = [...hello, choice?.message, { role: 'tool', tool_call_id: call?.id, content: '20 C' }]
  const second = await ask(`${url}/chat/completions`, { key, body: { ...body, messages } })
  expect(second.json).toMatchObject({
    choices: [{ finish_reason: 'stop', message: { content: expect.stringMatching(/./) } }],
  })
})

test('tool calls are streamed in the shapes of the platform, including null and empty fields', async () => {
  const { url, key } = await running()
  const body = { model: plain, messages: hello, tools: [weather], stream: true }
  const chunks = chunksOf((await ask(`${url}/chat/completions`, { key, body })).text)
  const deltas = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []) as Record<
    string,
    unknown
  >[]
  expect(deltas[0]).toEqual({
    index: 0,
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    type: 'function',
    function: { name: 'get_weather', arguments: '' },
  })
  expect(deltas[1]).toMatchObject({ index: 0, id: null, type: null, function: { name: '' } })
  const text = deltas.map(({ function: part }) => (part as { arguments: string }).arguments).join('')
  expect(JSON.parse(text)).toHaveProperty('city')
  expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls')
})

test('a model with broken-tool-deltas streams broken tool calls, as on the real platform', async () => {
  const { url, key } = await running()
  const body = { model: 'THUDM/GLM-4-9B-0414', messages: hello, tools: [weather], stream: true }
  const chunks = chunksOf((await ask(`${url}/chat/completions`, { key, body })).text)
  const deltas = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []) as Record<
    string,
    unknown
  >[]
  expect(
    deltas.every(({ id, function: part }) => id === null && (part as { name: string }).name === ''),
  ).toBe(true)
})

test('a model may have quirks', async () => {
  const { sim, url, key } = await running({ settings: { replyTokens: 1 } })
  sim.models.update(plain, { quirks: ['empty-finish-reason', 'stop-after-tools'] })
  const reasons = async (extra: object): Promise<unknown[]> => {
    const body = { model: plain, messages: hello, stream: true, ...extra }
    const chunks = chunksOf((await ask(`${url}/chat/completions`, { key, body })).text)
    return chunks.map(({ choices }) => choices[0]?.finish_reason)
  }
  expect(await reasons({})).toEqual(['', '', 'stop'])
  expect((await reasons({ tools: [weather] })).at(-1)).toBe('stop')
  const whole = await ask(`${url}/chat/completions`, {
    key,
    body: { model: plain, messages: hello, tools: [weather] },
  })
  expect(whole.json).toMatchObject({ choices: [{ finish_reason: 'stop', message: { tool_calls: [{}] } }] })
})

test('ids of completions begin with the time, as on the real platform', async () => {
  const { url, key } = await running({}, { now: () => 0x0199_8b2c_3d4e })
  const { json } = await ask(`${url}/chat/completions`, { key, body: { model: plain, messages: hello } })
  expect((json as { id: string }).id).toMatch(/^01998b2c3d4e7[0-9a-f]{19}$/)
})

test('a named tool is called, and no tool with tool_choice none', async () => {
  const { url, key } = await running()
  const other = { type: 'function', function: { name: 'other' } }
  const called = async (choice: unknown): Promise<unknown> => {
    const body = { model: plain, messages: hello, tools: [weather, other], tool_choice: choice }
    return (await ask(`${url}/chat/completions`, { key, body })).json
  }
  expect(await called({ type: 'function', function: { name: 'other' } })).toMatchObject({
    choices: [{ message: { tool_calls: [{ function: { name: 'other' } }] } }],
  })
  expect(await called('none')).toMatchObject({ choices: [{ finish_reason: 'stop' }] })
})

test('several answers have their own indices, whole and streamed', async () => {
  const { url, key } = await running({ settings: { replyTokens: 2 } })
  const body = { model: plain, messages: hello, n: 3 }
  const whole = await ask(`${url}/chat/completions`, { key, body })
  expect(whole.json).toMatchObject({
    choices: [{ index: 0 }, { index: 1 }, { index: 2 }],
    usage: { completion_tokens: 6 },
  })
  const chunks = chunksOf(
    (await ask(`${url}/chat/completions`, { key, body: { ...body, stream: true } })).text,
  )
  expect(chunks.map(({ choices }) => choices[0]?.index)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2])
})

test('an answer longer than max_tokens is cut, and the chain of thought is not counted', async () => {
  const { url, key } = await running()
  const body = { model: hybrid, messages: hello, max_tokens: 5 }
  expect((await ask(`${url}/chat/completions`, { key, body })).json).toMatchObject({
    choices: [{ finish_reason: 'length' }],
    usage: { completion_tokens: 17, completion_tokens_details: { reasoning_tokens: 12 } },
  })
})

test('a JSON response format gives JSON that fits the schema, if there is one', async () => {
  const { url, key } = await running()
  const content = async (format: unknown): Promise<unknown> => {
    const body = { model: plain, messages: hello, response_format: format }
    const { json } = await ask(`${url}/chat/completions`, { key, body })
    return JSON.parse((json as { choices: [{ message: { content: string } }] }).choices[0].message.content)
  }
  expect(await content({ type: 'json_object' })).toHaveProperty('answer')
  const schema = {
    type: 'object',
    properties: { tags: { type: 'array', items: { type: 'string' } }, ok: { type: 'boolean' } },
  }
  expect(await content({ type: 'json_schema', json_schema: { name: 'x', schema } })).toEqual({
    tags: [expect.any(String)],
    ok: expect.any(Boolean),
  })
})

test('a request may override length, text, cache and errors, by header or in its metadata', async () => {
  const { url, key } = await running()
  const body = { model: plain, messages: hello }
  const byHeader = await ask(`${url}/chat/completions`, { key, body, headers: { 'x-sim-tokens': '3' } })
  expect(byHeader.json).toMatchObject({ usage: { completion_tokens: 3 } })
  const metadata = { sim_text: '就这样 👍', sim_cached_tokens: 4 }
  const byBody = await ask(`${url}/chat/completions`, { key, body: { ...body, metadata } })
  expect(byBody.json).toMatchObject({
    choices: [{ message: { content: '就这样 👍' } }],
    usage: { prompt_tokens_details: { cached_tokens: 4 }, prompt_cache_hit_tokens: 4 },
  })
  const refused = await ask(`${url}/chat/completions`, {
    key,
    body,
    headers: { 'x-sim-error': 'unknown-error' },
  })
  expect(refused).toMatchObject({ status: 500, json: { code: 50_507 } })
})

test.each([
  [
    { 'x-sim-error': 'unknown' },
    'x-sim-error must be a name that GET /_sim/errors lists, received "unknown"',
  ],
  [{ 'x-sim-tokens': 'many' }, 'x-sim-tokens must be a number from 0 to 1000000, received "many"'],
])('an override that makes no sense is refused: %j', async (headers, message) => {
  const { url, key } = await running()
  const answer = await ask(`${url}/chat/completions`, {
    key,
    body: { model: plain, messages: hello },
    headers,
  })
  expect(answer).toMatchObject({ status: 400, json: { error: { message } } })
})

test('unknown fields, unusual roles and long conversations are accepted', async () => {
  const { url, key } = await running()
  const turns = Array.from({ length: 12 }, () => ({ role: 'user', content: 'again' }))
  const body = {
    model: plain,
    messages: [{ role: 'developer', content: 'x' }, ...turns],
    foo: 1,
    repetition_penalty: 7,
  }
  expect((await ask(`${url}/chat/completions`, { key, body })).status).toBe(200)
})

const invalid = '{"code":20015,"message":"The parameter is invalid. Please check again.","data":null}'
const refusals: [what: string, body: unknown, status: number, expected: unknown][] = [
  ['a body that is not JSON', 'hello', 400, invalid],
  ['a list for a body', [], 400, invalid],
  ['an empty model', { model: '', messages: hello }, 400, invalid],
  ['an unknown model', { model: 'no/such', messages: hello }, 400, 20_012],
  ['a model for something else', { model: 'BAAI/bge-m3', messages: hello }, 400, 20_012],
  ['a retired model', { model: 'Qwen/QwQ-32B-Preview', messages: hello }, 403, 30_003],
  ['no messages', { model: plain }, 400, '{"code":20015,"message":"Field required","data":null}'],
  [
    'an empty conversation',
    { model: plain, messages: [] },
    400,
    '{"code":20015,"message":"List should have at least 1 item after validation"}',
  ],
  ['a message without a role', { model: plain, messages: [{ content: 'x' }] }, 400, 20_015],
  ['a temperature that is too high', { model: plain, messages: hello, temperature: 2.1 }, 400, 20_015],
  ['too many stop words', { model: plain, messages: hello, stop: ['1', '2', '3', '4', '5'] }, 400, 20_015],
  ['no answers', { model: plain, messages: hello, n: 0 }, 400, 20_066],
  ['max_tokens of zero', { model: plain, messages: hello, max_tokens: 0 }, 400, 20_089],
  [
    'thinking, for a model that cannot think',
    { model: plain, messages: hello, enable_thinking: false },
    400,
    '{"code":20015,"message":"Value error, current model does not support parameter `enable_thinking`.","data":null}',
  ],
  [
    'an image, for a model that cannot see',
    { model: plain, messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
    400,
    20_041,
  ],
  [
    'a thinking budget that is too small',
    { model: hybrid, messages: hello, thinking_budget: 1 },
    400,
    20_015,
  ],
  ['too many tools', { model: plain, messages: hello, tools: Array(129).fill(weather) }, 400, 20_015],
  [
    'an unknown response format',
    { model: plain, messages: hello, response_format: { type: 'xml' } },
    400,
    20_015,
  ],
]

test.each(refusals)(
  'a chat request with %s is refused and costs nothing',
  async (_, body, status, expected) => {
    const { sim, url, key } = await running()
    const answer = await ask(`${url}/chat/completions`, { key, body })
    expect(answer.status).toBe(status)
    if (typeof expected === 'string') expect(answer.text).toBe(expected)
    else expect(answer.json).toMatchObject({ code: expected })
    expect(sim.accounts.get('account-1')?.ledger).toEqual([])
  },
)

test('a prompt that is too long is refused with its length and the limit', async () => {
  const { sim, url, key } = await running()
  const messages = [{ role: 'user', content: '字'.repeat(200) }]
  sim.models.update(plain, { contextTokens: 100 })
  const window = await ask(`${url}/chat/completions`, { key, body: { model: plain, messages } })
  expect(window.json).toMatchObject({
    message: 'length of prompt_tokens (204) must be less than max_seq_len (100).',
  })
  sim.models.update(plain, { maxPromptTokens: 50 })
  const prompt = await ask(`${url}/chat/completions`, { key, body: { model: plain, messages } })
  expect(prompt.json).toMatchObject({
    code: 20_015,
    message: 'number of input tokens (204) has exceeded max_prompt_tokens (50) limit.',
  })
})

test('replies contain characters of every length in UTF-8', async () => {
  const { url, key } = await running({ settings: { replyTokens: 200 } })
  const { text } = await ask(`${url}/chat/completions`, { key, body: { model: plain, messages: hello } })
  expect(text).toMatch(/[\u0080-\u07ff]/)
  expect(text).toMatch(/[\u4e00-\u9fff]/)
  expect(text).toMatch(/\p{Extended_Pictographic}/u)
})
