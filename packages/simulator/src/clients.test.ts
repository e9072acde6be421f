import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { type Running, running } from './testing/running.js'

const model = 'Qwen/Qwen2.5-72B-Instruct'
const messages = [{ role: 'user' as const, content: 'Hello, 世界' }]

async function connected(): Promise<Running & { openai: OpenAI }> {
  const started = await running()
  return { ...started, openai: new OpenAI({ apiKey: started.key, baseURL: started.url, maxRetries: 0 }) }
}

test('the official OpenAI client can chat, whole and streamed', async () => {
  const { openai } = await connected()
  const whole = await openai.chat.completions.create({ model, messages })
  const stream = await openai.chat.completions.create({ model, messages, stream: true })
  let text = ''
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  expect(text).toBe(whole.choices[0]?.message.content)
})

test('the official OpenAI client reads embeddings, which it requests in base64', async () => {
  const { openai, sim } = await connected()
  const { data } = await openai.embeddings.create({ model: 'BAAI/bge-m3', input: 'x' })
  expect(data[0]?.embedding).toHaveLength(1024)
  expect(JSON.parse(String(sim.requests[0]?.body))).toMatchObject({ encoding_format: 'base64' })
})

test('the official OpenAI client lists models, generates speech and transcribes audio', async () => {
  const { openai } = await connected()
  expect((await openai.models.list()).data.length).toBeGreaterThan(20)
  const speech = await openai.audio.speech.create({
    model: 'FunAudioLLM/CosyVoice2-0.5B',
    input: 'x',
    voice: 'alex',
  })
  expect((await speech.arrayBuffer()).byteLength).toBeGreaterThan(100)
  const file = new File(['RIFF'], 'a.wav')
  const { text } = await openai.audio.transcriptions.create({ model: 'FunAudioLLM/SenseVoiceSmall', file })
  expect(text).not.toBe('')
})

test('the official OpenAI client loses the body of an error, as with the real platform', async () => {
  const { openai } = await connected()
  const failing = openai.chat.completions.create({ model: 'no/such', messages })
  await expect(failing).rejects.toThrow('400 status code (no body)')
})
