import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { PoolOptions } from '../../pool-options.js'
import { fakeRuntime } from '../../testing/fake-runtime.js'
import { hurry } from '../../testing/hurry.js'
import { RecordingSink } from '../../testing/recording-sink.js'
import { type SimulatedPool, type SimulatedPoolOptions, simulatedPool } from '../../testing/simulated-pool.js'
import { createCall } from '../request/call.js'

const asked = 'deepseek-ai/DeepSeek-V3'
const other = 'Qwen/Qwen2.5-72B-Instruct'
const third = 'Qwen/Qwen3-8B'

type Models = NonNullable<PoolOptions['models']>

function withModels(models: Models, { pool, ...options }: SimulatedPoolOptions = {}): Promise<SimulatedPool> {
  return simulatedPool({ ...options, pool: { models, ...pool } })
}

const modelsOf = ({ calls }: SimulatedPool): unknown[] => calls.map(({ model }) => model)

describe('an alias', () => {
  it('is replaced by its model in the request, and the answer names that model', async () => {
    const upstream = await withModels({ aliases: { 'gpt-4o': other } })
    const response = await upstream.chat({ model: 'gpt-4o' })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-sfpool-model')).toBe(other)
    expect(await response.json()).toMatchObject({ model: other })
    expect(modelsOf(upstream)).toEqual([other])
  })

  it('is replaced by its model in a form as well', async () => {
    const upstream = await withModels({ aliases: { whisper: 'FunAudioLLM/SenseVoiceSmall' } })
    const form = new FormData()
    form.append('model', 'whisper')
    form.append('file', new Blob(['audio']), 'a.wav')
    const { baseURL, fetch } = upstream.pool
    const response = await fetch(`${baseURL}/audio/transcriptions`, { method: 'POST', body: form })
    expect(response.status).toBe(200)
    expect(modelsOf(upstream)).toEqual(['FunAudioLLM/SenseVoiceSmall'])
  })

  it('for all names adds no model to a request without one', async () => {
    const upstream = await withModels({ aliases: { '*': other }, fallbacks: { '*': third } })
    const form = new FormData()
    form.append('purpose', 'batch')
    form.append('file', new Blob(['{}\n']), 'a.jsonl')
    const { baseURL, fetch } = upstream.pool
    await fetch(`${baseURL}/files`, { method: 'POST', body: form })
    expect(String(upstream.calls[0]?.body)).toContain('name="purpose"')
    expect(String(upstream.calls[0]?.body)).not.toContain('name="model"')
  })

  it('adds no header to the answer for a model that was asked for by its own name', async () => {
    const upstream = await withModels({ aliases: { 'gpt-4o': other } })
    expect((await upstream.chat({ model: other })).headers.has('x-sfpool-model')).toBe(false)
  })

  it('is listed behind its model, and only when that is listed', async () => {
    const upstream = await withModels({ aliases: { 'gpt-4o': other, gone: 'no/model', 'gpt-*': other } })
    const ids = async (path: string): Promise<string[]> => {
      const response = await upstream.ask(path)
      const text = await response.text()
      expect(Number(response.headers.get('content-length'))).toBe(Buffer.byteLength(text))
      return (JSON.parse(text) as { data: { id: string }[] }).data.map(({ id }) => id)
    }
    const all = await ids('/models')
    expect(all[all.indexOf(other) + 1]).toBe('gpt-4o')
    expect(all).not.toContain('gone')
    expect(all).not.toContain('gpt-*')
    expect(await ids('/models?type=image')).not.toContain('gpt-4o')
  })
})

describe('a fallback model', () => {
  it.each([
    ['overloaded', 'overloaded'],
    ['at its limits on every account', 'rate-limit-tpm'],
    ['without money on any account', 'insufficient-balance'],
    ['switched off', 'model-disabled'],
    ['unknown', 'model-not-found'],
  ] as const)('serves when the model asked for is %s', async (_why, name) => {
    const upstream = await withModels({ fallbacks: { [asked]: third } })
    upstream.simulator.faults.add({ when: { model: asked }, fault: { kind: 'error', name } })
    const response = await upstream.chat({ model: asked })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-sfpool-model')).toBe(third)
    expect(await response.json()).toMatchObject({ model: third })
    expect(modelsOf(upstream).at(-1)).toBe(third)
  })

  it('serves when the model asked for does not answer in time', async () => {
    const upstream = await withModels(
      { fallbacks: { [asked]: other } },
      { pool: { timeouts: { models: { [asked]: { firstByte: 40 } } } } },
    )
    upstream.simulator.faults.add({ when: { model: asked }, fault: { kind: 'hang', at: 'before-headers' } })
    expect((await upstream.chat({ model: asked })).headers.get('x-sfpool-model')).toBe(other)
  })

  it('is the next in the list, tried with all keys, and none is tried behind one that serves', async () => {
    const upstream = await withModels({ fallbacks: { [asked]: [other, third, 'never/reached'] } })
    for (const model of [asked, other])
      upstream.simulator.faults.add({ when: { model }, fault: { kind: 'error', name: 'rate-limit-rpm' } })
    const response = await upstream.chat({ model: asked })
    expect(response.headers.get('x-sfpool-model')).toBe(third)
    expect(response.headers.get('x-sfpool-attempts')).toBe('5')
    expect(modelsOf(upstream)).toEqual([asked, asked, other, other, third])
  })

  it('serves at once when the request would have to wait for the model asked for', async () => {
    const upstream = await withModels(
      { fallbacks: { [asked]: { limits: other } } },
      { pool: { limits: { models: { [asked]: { RPM: 1 } } }, queue: { maxWaitMs: 600_000 } } },
    )
    for (const expected of [null, null, other])
      expect((await upstream.chat({ model: asked })).headers.get('x-sfpool-model')).toBe(expected)
  })

  it('does not serve a body that is sent once, which waits instead', async () => {
    const runtime = fakeRuntime()
    const limits = { models: { [asked]: { RPM: 1 } } }
    const upstream = await withModels(
      { fallbacks: { '*': other } },
      { keys: 1, runtime, pool: { limits, queue: { maxWaitMs: 600_000 } } },
    )
    await upstream.pool.ready
    const head = Buffer.from(JSON.stringify({ model: asked, messages: [{ role: 'user', content: 'Hi' }] }))
    for (const isLate of [false, true]) {
      const sink = new RecordingSink()
      const input = { method: 'POST', path: '/chat/completions', headers: [] }
      const call = createCall({ ...input, body: { head, stream: Readable.from([]) } }, upstream.pool.provider)
      const { waitedMs } = await hurry(upstream.pool.relay(call, sink), runtime)
      expect(sink.status).toBe(200)
      expect(waitedMs > 0).toBe(isLate)
    }
    expect(modelsOf(upstream)).toEqual([asked, asked])
  })

  it('has fallbacks of its own only when it is asked for itself', async () => {
    const upstream = await withModels({ fallbacks: { [asked]: other, [other]: third } })
    upstream.simulator.faults.add({ fault: { kind: 'error', name: 'model-disabled' } })
    expect((await upstream.chat({ model: asked })).status).toBe(403)
    expect(modelsOf(upstream)).toEqual([asked, other])
  })

  it('serves a request that is too long only when it is named for that cause', async () => {
    const tooLong = {
      kind: 'answer',
      status: 400,
      body: {
        code: 20015,
        message: 'length of prompt_tokens (9) must be less than max_seq_len (8).',
        data: null,
      },
    } as const
    const upstream = await withModels({ fallbacks: { [asked]: { context: other }, [third]: other } })
    upstream.simulator.faults.add({ when: { model: asked }, fault: tooLong })
    upstream.simulator.faults.add({ when: { model: third }, fault: tooLong })
    expect((await upstream.chat({ model: asked })).headers.get('x-sfpool-model')).toBe(other)
    expect((await upstream.chat({ model: third })).status).toBe(400)
    expect(modelsOf(upstream)).toEqual([asked, other, third])
  })

  it('is not tried for a mistake of the caller', async () => {
    const upstream = await withModels({ fallbacks: { '*': other } })
    expect((await upstream.chat({ model: asked, messages: 5 })).status).toBe(400)
    expect(modelsOf(upstream)).toEqual([asked])
  })

  it('is not asked for an image that may have been generated already', async () => {
    const upstream = await withModels({ fallbacks: { '*': third } })
    upstream.simulator.faults.add({ fault: { kind: 'reset', at: 'before-headers' } })
    const response = await upstream.ask('/images/generations', {
      model: 'Kwai-Kolors/Kolors',
      prompt: 'a cat',
    })
    expect(response.status).toBe(502)
    expect(modelsOf(upstream)).toEqual(['Kwai-Kolors/Kolors'])
  })

  it('that fails as well leaves the client with the error of the model asked for', async () => {
    const upstream = await withModels({ fallbacks: { [asked]: other } })
    upstream.simulator.faults.add({ when: { model: asked }, fault: { kind: 'error', name: 'overloaded' } })
    upstream.simulator.faults.add({
      when: { model: other },
      fault: { kind: 'error', name: 'model-disabled' },
    })
    const response = await upstream.chat({ model: asked })
    expect(response.status).toBe(503)
    expect(response.headers.has('x-sfpool-model')).toBe(false)
    expect(response.headers.get('x-sfpool-attempts')).toBe('3')
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining('too busy') } })
  })

  it('is named in the report, with the model of each attempt', async () => {
    const upstream = await withModels({ aliases: { best: asked }, fallbacks: { [asked]: other } })
    upstream.simulator.faults.add({
      when: { model: asked },
      fault: { kind: 'error', name: 'model-disabled' },
    })
    await (await upstream.chat({ model: 'best' })).text()
    expect(upstream.pool.stats().models).toMatchObject([{ model: other }])
  })
})
