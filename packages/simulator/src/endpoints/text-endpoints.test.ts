import { expect, test } from 'vitest'
import { ask, eventsOf } from '../testing/ask.js'
import { running } from '../testing/running.js'

const coder = 'Qwen/Qwen2.5-Coder-7B-Instruct'
const bge = 'BAAI/bge-m3'
const reranker = 'BAAI/bge-reranker-v2-m3'

test('/completions fills in the middle, whole and streamed', async () => {
  const { url, key } = await running({ settings: { replyTokens: 4 } })
  const body = { model: coder, prompt: 'function add(', suffix: '}' }
  const whole = await ask(`${url}/completions`, { key, body })
  expect(whole.json).toMatchObject({
    object: 'text_completion',
    choices: [{ index: 0, text: expect.any(String), finish_reason: 'stop' }],
  })
  const events = eventsOf((await ask(`${url}/completions`, { key, body: { ...body, stream: true } })).text)
  const chunks = events.slice(0, -1).map((event) => JSON.parse(event))
  expect(chunks.map(({ choices }) => choices[0].text).join('')).toBe(
    (whole.json as { choices: [{ text: string }] }).choices[0].text,
  )
  expect([events.length, events.at(-1)]).toEqual([6, '[DONE]'])
})

test('a stream of /completions has its usage where the model puts it', async () => {
  const { sim, url, key } = await running({ settings: { replyTokens: 2 } })
  const body = { model: coder, prompt: 'x', stream: true }
  const usages = async (usage: 'every-chunk' | 'trailing' | 'finish'): Promise<unknown[]> => {
    sim.settings.update({ usage })
    const events = eventsOf((await ask(`${url}/completions`, { key, body })).text).slice(0, -1)
    return events.map((event) => JSON.parse(event).usage?.completion_tokens)
  }
  const none = undefined
  expect(await usages('every-chunk')).toEqual([1, 2, 2])
  expect(await usages('trailing')).toEqual([none, none, none, 2])
  expect(await usages('finish')).toEqual([none, none, 2])
})

test('most models do not support /completions', async () => {
  const { url, key } = await running()
  const body = { model: 'Qwen/Qwen2.5-72B-Instruct', prompt: 'x' }
  expect((await ask(`${url}/completions`, { key, body })).json).toMatchObject({ code: 20_039 })
  expect((await ask(`${url}/completions`, { key, body: { ...body, suffix: 'y' } })).json).toMatchObject({
    code: 20_031,
  })
})

interface Embeddings {
  data: { embedding: number[] | string; index: number }[]
  usage: { total_tokens: number }
}

test('the same text has the same embedding, as floats and as base64', async () => {
  const { url, key } = await running()
  const input = ['你好', 'world', '你好']
  const floats = (await ask(`${url}/embeddings`, { key, body: { model: bge, input } })).json as Embeddings
  expect(floats).toMatchObject({ object: 'list', model: bge, usage: { prompt_tokens: 6, total_tokens: 6 } })
  expect(floats.data[0]?.embedding).toHaveLength(1024)
  expect(floats.data[0]?.embedding).toEqual(floats.data[2]?.embedding)
  expect(floats.data[0]?.embedding).not.toEqual(floats.data[1]?.embedding)
  const body = { model: bge, input: '你好', encoding_format: 'base64' }
  const packed = (await ask(`${url}/embeddings`, { key, body })).json as Embeddings
  const bytes = Buffer.from(packed.data[0]?.embedding as string, 'base64')
  expect(bytes.length).toBe(4096)
  expect(bytes.readFloatLE(0)).toBeCloseTo(Number(floats.data[0]?.embedding[0]), 6)
})

test('the dimensions of an embedding can be chosen if the model supports it', async () => {
  const { url, key } = await running()
  const body = { model: 'Qwen/Qwen3-Embedding-8B', input: 'x', dimensions: 256 }
  const { json } = await ask(`${url}/embeddings`, { key, body })
  expect((json as Embeddings).data[0]?.embedding).toHaveLength(256)
  expect((await ask(`${url}/embeddings`, { key, body: { ...body, model: bge } })).status).toBe(400)
})

test('an embedding request with more than 64 texts or one text that is too long fails as a whole', async () => {
  const { url, key } = await running()
  const many = await ask(`${url}/embeddings`, { key, body: { model: bge, input: Array(132).fill('x') } })
  expect(many).toMatchObject({
    status: 413,
    text: '{"code":20042,"message":"input batch size 132 > maximum allowed batch size 64","data":null}',
  })
  const body = { model: 'BAAI/bge-large-zh-v1.5', input: ['x', '字'.repeat(513)] }
  expect(await ask(`${url}/embeddings`, { key, body })).toMatchObject({
    status: 413,
    text: '{"code":20042,"message":"input must have less than 512 tokens"}',
  })
})

test.each([{ input: '' }, { input: [''] }, { input: [1] }, { input: 'x', encoding_format: '' }])(
  'the embedding request %j is refused',
  async (odd) => {
    const { url, key } = await running()
    expect((await ask(`${url}/embeddings`, { key, body: { model: bge, ...odd } })).status).toBe(400)
  },
)

test('rerank puts documents that share words with the query first', async () => {
  const { sim, url, key } = await running()
  const body = {
    model: reranker,
    query: 'red apple',
    documents: ['a car', 'one red apple', { text: 'green apple' }],
    top_n: 2,
    return_documents: true,
  }
  const { json } = await ask(`${url}/rerank`, { key, body })
  expect(json).toMatchObject({
    results: [
      { index: 1, document: { text: 'one red apple' } },
      { index: 2, document: { text: 'green apple' } },
    ],
    meta: { tokens: { output_tokens: 0 } },
  })
  sim.settings.update({ regime: 'classic' })
  expect((await ask(`${url}/rerank`, { key, body })).json).toMatchObject({
    tokens: { input_tokens: expect.any(Number) },
  })
})

test('rerank without documents is refused in the platform’s own words', async () => {
  const { url, key } = await running()
  const answer = await ask(`${url}/rerank`, { key, body: { model: reranker, query: 'x', documents: [] } })
  expect(answer.text).toBe('{"code":20015,"message":"List should have at least 1 item after validation"}')
})

test('models are listed in order and by type, also for an account without money', async () => {
  const models = [
    { id: 'b/second', type: 'text', subType: 'chat' },
    { id: 'a/first', type: 'text', subType: 'embedding' },
    { id: 'c/gone', type: 'text', subType: 'chat', isDisabled: true },
    { id: 'd/image', type: 'image', subType: 'text-to-image' },
    { id: 'e/far', type: 'text', subType: 'chat', site: 'com' },
  ] as const
  const { url, key } = await running({ money: {}, models, catalogue: 'replace' })
  const ids = async (query: string): Promise<string[]> => {
    const { json } = await ask(`${url}/models${query}`, { key })
    return (json as { data: { id: string }[] }).data.map(({ id }) => id)
  }
  expect(await ids('')).toEqual(['b/second', 'a/first', 'd/image'])
  expect(await ids('?type=image')).toEqual(['d/image'])
  expect(await ids('?sub_type=embedding')).toEqual(['a/first'])
  expect((await ask(`${url}/models`, { key })).json).toMatchObject({
    object: 'list',
    data: [{ id: 'b/second', object: 'model', created: 0, owned_by: '' }, {}, {}],
  })
})

test('the same model may have another price on the other site', async () => {
  const { sim } = await running()
  const listed = sim.models.list().filter(({ id }) => id === 'Qwen/Qwen3-8B')
  expect(listed.map(({ site, price }) => [site, price])).toEqual([
    ['cn', undefined],
    ['com', [{ input: '0.06', output: '0.06' }]],
  ])
})
