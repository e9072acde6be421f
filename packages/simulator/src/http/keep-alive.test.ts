import { expect, test } from 'vitest'
import { ask, hello, send } from '../testing/ask.js'
import { createManualClock, type ManualClock } from '../testing/manual-clock.js'
import { type Running, running } from '../testing/running.js'

const comment = ': keep-alive\n\n'
const stream = { model: 'Qwen/Qwen2.5-72B-Instruct', messages: hello, stream: true }

async function started(settings: object = {}): Promise<Running & { clock: ManualClock }> {
  const clock = createManualClock()
  return {
    clock,
    ...(await running({ settings: { keepAliveMs: 1000, replyTokens: 1, ...settings } }, clock)),
  }
}

test('a silent stream sends keep-alive comments before the first event and between events', async () => {
  const { clock, sim, url, key } = await started()
  sim.faults.add({ fault: { kind: 'delay', at: 'after-headers', ms: 2500 } })
  sim.faults.add({ fault: { kind: 'delay', at: 'mid-body', afterEvents: 2, ms: 1500 } })
  const asked = ask(`${url}/chat/completions`, { key, body: stream })
  await clock.waitForTimer()
  clock.advance(2500)
  await expect.poll(() => sim.requests[0]?.eventCount).toBe(2)
  clock.advance(1500)
  const parts = (await asked).text.split('\n\n').map((part) => part.slice(0, 6))
  expect(parts).toEqual([': keep', ': keep', 'data: ', 'data: ', ': keep', 'data: ', 'data: ', ''])
  expect(sim.requests[0]?.eventCount).toBe(4)
})

test('a hanging stream sends keep-alive comments until the client leaves', async () => {
  const { clock, sim, url, key } = await started()
  sim.faults.add({ fault: { kind: 'hang', at: 'after-headers' } })
  const leaving = new AbortController()
  const response = await send(`${url}/chat/completions`, { key, body: stream, signal: leaving.signal })
  const reader = response.body?.getReader()
  await clock.waitForTimer()
  for (let count = 0; count < 3; count += 1) {
    clock.advance(1000)
    expect(String(Buffer.from((await reader?.read())?.value ?? []))).toBe(comment)
  }
  leaving.abort()
  await expect.poll(() => sim.requests[0]?.abortedAt).toBeGreaterThan(0)
  const sent = sim.requests[0]?.responseBytes
  clock.advance(10_000)
  expect(sim.requests[0]?.responseBytes).toBe(sent)
})

test('keep-alive comments arrive one by one in a compressed stream', async () => {
  const { clock, sim, url, key } = await started({ compression: 'gzip' })
  sim.faults.add({ fault: { kind: 'hang', at: 'after-headers' } })
  const response = await send(`${url}/chat/completions`, { key, body: stream })
  const reader = response.body?.getReader()
  await clock.waitForTimer()
  clock.advance(1000)
  expect(String(Buffer.from((await reader?.read())?.value ?? []))).toBe(comment)
  await reader?.cancel()
})

test('audio and whole answers contain no keep-alive comments', async () => {
  const { clock, sim, url, key } = await started({ firstByteMs: 5000, eventMs: 5000 })
  const speech = { model: 'FunAudioLLM/CosyVoice2-0.5B', input: 'x', voice: 'alex', response_format: 'pcm' }
  const asked = ask(`${url}/audio/speech`, { key, body: speech })
  await clock.waitForTimer()
  clock.advance(5000)
  expect((await asked).text).not.toContain('keep-alive')
  const whole = ask(`${url}/chat/completions`, { key, body: { ...stream, stream: false } })
  await clock.waitForTimer()
  clock.advance(5000)
  expect((await whole).json).toMatchObject({ object: 'chat.completion' })
  expect(sim.requests).toHaveLength(2)
})
