import { describe, expect, it } from 'vitest'
import type { PriceList } from '../price/price-list.js'
import { webSink } from '../relay/client/web-sink.js'
import { createCall } from '../relay/request/call.js'
import { model as paid, simulatedPool } from '../testing/simulated-pool.js'

/** The prices of the simulator's catalogue. Those of speech, videos and DeepSeek-V4-Flash come with the pool. */
const prices: PriceList = {
  date: '2026-09-01',
  source: "the simulator's catalogue",
  sites: {
    cn: {
      currency: 'CNY',
      models: {
        [paid]: { input: '4.13', output: '4.13' },
        'deepseek-ai/DeepSeek-V3': { input: '2', output: '8' },
        'Pro/deepseek-ai/DeepSeek-V3': { input: '2', output: '8' },
        'moonshotai/Kimi-K2.6': { input: '4', cachedInput: '0.7', output: '21' },
        'Qwen/Qwen3-Embedding-8B': { input: '0.28' },
        'Qwen/Qwen3-Reranker-8B': { input: '0.28' },
        'Qwen/Qwen-Image': { image: '0.3' },
      },
    },
  },
}

/** A pool of one account, and a comparison of its costs and balance with those of the simulator. */
async function billedPool() {
  const test = await simulatedPool({ keys: 1, pool: { prices } })
  await test.pool.ready
  const [key] = test.pool.keys.list()
  await test.pool.keys.update(key?.id ?? '', { balance: '1000' })
  return {
    ...test,
    async compare() {
      const [truth] = test.simulator.accounts.list()
      const [sums] = (await test.pool.usage({ by: [] })).rows
      const { accounts } = await test.pool.balance()
      return {
        cost: sums?.cost,
        unknown: sums?.unknownCosts,
        truth: truth?.spent,
        left: accounts[0]?.balance.amount,
        trueLeft: truth?.money.charged,
      }
    },
  }
}

describe('the cost that the pool calculates', () => {
  it.each<[string, string, object, Record<string, string>?]>([
    ['a chat', '/chat/completions', { model: paid, messages: [{ role: 'user', content: 'Hello' }] }],
    [
      'a chat that thinks and finds its input in the cache, at the price of the hour',
      '/chat/completions',
      {
        model: 'deepseek-ai/DeepSeek-V4-Flash',
        messages: [{ role: 'user', content: 'Hello '.repeat(200) }],
        enable_thinking: true,
      },
      { 'x-sim-cached-tokens': '64' },
    ],
    [
      'a model under another name',
      '/chat/completions',
      { model: 'moonshotai/Kimi-K2.6', messages: [{ role: 'user', content: 'Hello' }] },
      { 'x-sim-cached-tokens': '1' },
    ],
    [
      'a model that takes recharged money only',
      '/chat/completions',
      { model: 'Pro/deepseek-ai/DeepSeek-V3', messages: [{ role: 'user', content: 'Hello' }] },
    ],
    [
      'a stream whose usage comes with every chunk',
      '/chat/completions',
      { model: paid, stream: true, messages: [{ role: 'user', content: 'Hello' }] },
    ],
    [
      'a stream whose usage comes at its end',
      '/chat/completions',
      { model: 'deepseek-ai/DeepSeek-V3', stream: true, messages: [{ role: 'user', content: 'Hello' }] },
    ],
    [
      'a message',
      '/messages',
      { model: paid, max_tokens: 50, messages: [{ role: 'user', content: 'Hello' }] },
    ],
    ['embeddings', '/embeddings', { model: 'Qwen/Qwen3-Embedding-8B', input: ['one', 'two'] }],
    ['a rerank', '/rerank', { model: 'Qwen/Qwen3-Reranker-8B', query: 'q', documents: ['one', 'two'] }],
    ['an image', '/images/generations', { model: 'Qwen/Qwen-Image', prompt: 'p', image_size: '512x512' }],
    [
      'speech',
      '/audio/speech',
      {
        model: 'FunAudioLLM/CosyVoice2-0.5B',
        input: 'Grüße 日本 😀',
        voice: 'FunAudioLLM/CosyVoice2-0.5B:alex',
      },
    ],
    ['a video', '/video/submit', { model: 'Wan-AI/Wan2.2-T2V-A14B', prompt: 'p', image_size: '1280x720' }],
  ])('the cost of %s is what the platform charges', async (_, path, body, headers = {}) => {
    const { ask, compare } = await billedPool()
    const response = await ask(path, body, { headers })
    await response.arrayBuffer()
    expect(response.status).toBe(200)
    const { cost, truth, unknown, left, trueLeft } = await compare()
    expect(truth).not.toBe('0.00')
    expect([cost, unknown, left]).toEqual([truth, 0, trueLeft])
  })

  it('calls that are free, refused or only look up cost nothing', async () => {
    const { ask, compare, pool } = await billedPool()
    const messages = [{ role: 'user', content: 'Hello' }]
    await (await ask('/chat/completions', { model: 'Qwen/Qwen3-8B', messages })).text()
    await (await ask('/chat/completions', { model: paid, messages: [] })).text()
    await (await ask('/models')).text()
    expect(await compare()).toMatchObject({ cost: '0.00', truth: '0.00', unknown: 0, left: '1000.00' })
    expect((await pool.usage({ by: 'model' })).rows).toHaveLength(2)
  })

  it('a stream that its client leaves costs what came until then', async () => {
    const { stream, compare, simulator } = await billedPool()
    simulator.settings.update({ eventMs: 5 })
    const response = await stream({}, { headers: { 'x-sim-tokens': '500' } })
    const reader = response.body?.getReader()
    for (let chunk = 0; chunk < 5; chunk++) await reader?.read()
    await reader?.cancel()
    await expect.poll(async () => (await compare()).truth).not.toBe('0.00')
    const { cost, truth, unknown } = await compare()
    expect(unknown).toBe(0)
    expect(Number(cost)).toBeGreaterThan(0)
    // The platform continues to generate until it notices.
    expect(Math.abs(Number(cost) - Number(truth))).toBeLessThan(Number(truth) / 2)
  })
})

it('calls are recorded under the client that they are made for', async () => {
  const { pool } = await billedPool()
  const body = {
    bytes: Buffer.from(JSON.stringify({ model: paid, messages: [{ role: 'user', content: 'Hi' }] })),
  }
  const headers = ['content-type', 'application/json']
  const given = { method: 'POST', path: '/chat/completions', headers, body, client: 'alice' }
  const { sink, response } = webSink()
  const relayed = pool.relay(createCall(given, pool.provider), sink)
  await (await response).text()
  await relayed
  expect((await pool.usage({ by: ['client', 'model'] })).rows).toMatchObject([
    { client: 'alice', model: paid, requests: 1, successes: 1 },
  ])
})
