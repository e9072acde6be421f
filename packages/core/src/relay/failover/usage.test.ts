import { describe, expect, it } from 'vitest'
import { model, readAll, type SimulatedPool, simulatedPool } from '../../testing/simulated-pool.js'

const spent = ({ pool }: SimulatedPool): object => pool.stats().tokens

/** What the simulator billed. */
function billed({ simulator }: SimulatedPool): { prompt: number; completion: number } {
  let [prompt, completion] = [0, 0]
  for (const { ledger } of simulator.accounts.list()) {
    for (const { usage } of ledger) {
      prompt += usage.inputTokens ?? 0
      completion += usage.outputTokens ?? 0
    }
  }
  return { prompt, completion }
}

describe('the tokens of', () => {
  it('a JSON answer are those that were billed', async () => {
    const upstream = await simulatedPool()
    await (await upstream.chat()).text()
    const { prompt, completion } = billed(upstream)
    expect(spent(upstream)).toMatchObject({ prompt, completion, total: prompt + completion })
    expect(completion).toBeGreaterThan(0)
  })

  it.each(['every-chunk', 'trailing', 'finish'] as const)(
    'a stream are those that were billed: %s',
    async (usage) => {
      const upstream = await simulatedPool()
      upstream.simulator.settings.update({ usage })
      await (await upstream.stream()).text()
      const { prompt, completion } = billed(upstream)
      expect(spent(upstream)).toMatchObject({ prompt, completion, total: prompt + completion })
      expect(completion).toBeGreaterThan(0)
    },
  )

  it('counts reasoning, tool calls and cached tokens of a stream apart', async () => {
    const upstream = await simulatedPool()
    const metadata = { sim_reasoning_tokens: 7, sim_cached_tokens: 3 }
    await (await upstream.stream({ model: 'Qwen/Qwen3-32B', metadata })).text()
    expect(spent(upstream)).toMatchObject({ reasoning: 7, cached: 3 })
  })

  it.each(['chat', 'stream'] as const)(
    'a %s of Anthropic messages are those that were billed',
    async (kind) => {
      const upstream = await simulatedPool()
      const body = {
        model,
        max_tokens: 50,
        stream: kind === 'stream',
        messages: [{ role: 'user', content: 'Hi' }],
      }
      await (await upstream.ask('/messages', body)).text()
      const { prompt, completion } = billed(upstream)
      expect(spent(upstream)).toMatchObject({ prompt, completion })
      expect(completion).toBeGreaterThan(0)
    },
  )

  it('embeddings are found behind megabytes of vectors', async () => {
    const upstream = await simulatedPool()
    const input = Array.from({ length: 32 }, (_, index) => `text number ${index}`)
    const text = await (await upstream.ask('/embeddings', { model: 'Qwen/Qwen3-Embedding-8B', input })).text()
    expect(text.length).toBeGreaterThan(1_000_000)
    expect(spent(upstream)).toMatchObject({ prompt: billed(upstream).prompt, completion: 0 })
    expect(billed(upstream).prompt).toBeGreaterThan(0)
  })

  it('a rerank are those that were billed', async () => {
    const upstream = await simulatedPool()
    const body = { model: 'BAAI/bge-reranker-v2-m3', query: 'a cat', documents: ['a dog', 'a cat'] }
    await (await upstream.ask('/rerank', body)).text()
    expect(spent(upstream)).toMatchObject({ prompt: billed(upstream).prompt })
    expect(billed(upstream).prompt).toBeGreaterThan(0)
  })

  it('a stream that broke off are those up to there', async () => {
    const upstream = await simulatedPool()
    upstream.simulator.faults.add({ fault: { kind: 'close', at: 'mid-body', afterEvents: 6 } })
    await readAll(await upstream.stream())
    const { prompt, completion } = billed(upstream)
    expect(completion).toBe(5)
    expect(spent(upstream)).toMatchObject({ prompt, completion })
  })

  it('a stream that the client left are those up to there', async () => {
    const upstream = await simulatedPool()
    upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'mid-body', afterEvents: 6 } })
    const reader = (await upstream.stream()).body?.getReader()
    await expect.poll(() => upstream.calls[0]?.eventCount).toBe(6)
    for (let text = ''; !text.includes('"completion_tokens":5'); )
      text += Buffer.from((await reader?.read())?.value ?? [])
    await reader?.cancel()
    await expect.poll(() => upstream.pool.stats().requests).toBe(1)
    expect(spent(upstream)).toMatchObject({ completion: 5 })
  })

  it('a failed attempt are not counted, those of the next one are', async () => {
    const upstream = await simulatedPool()
    upstream.simulator.faults.add({ times: 1, fault: { kind: 'error', name: 'overloaded' } })
    await (await upstream.chat()).text()
    const { prompt, completion } = billed(upstream)
    expect(spent(upstream)).toMatchObject({ prompt, completion })
  })
})

it('are counted by model, for the pool and for the key that served', async () => {
  const upstream = await simulatedPool()
  await (await upstream.chat()).text()
  await (await upstream.chat({ model: 'Qwen/Qwen3-32B' })).text()
  const stats = upstream.pool.stats()
  expect(stats).toMatchObject({ requests: 2, successes: 2, attempts: 2 })
  expect(stats.models.map((counts) => [counts.model, counts.requests, counts.successes])).toEqual([
    [model, 1, 1],
    ['Qwen/Qwen3-32B', 1, 1],
  ])
  const { prompt, completion } = billed(upstream)
  const sum = (name: 'promptTokens' | 'completionTokens'): number =>
    stats.models.reduce((total, counts) => total + counts[name], 0)
  expect([sum('promptTokens'), sum('completionTokens')]).toEqual([prompt, completion])
})
