import { expect, test } from 'vitest'
import { defaultSettings } from '../scenario/settings.js'
import { ask } from '../testing/ask.js'
import { running } from '../testing/running.js'
import { Recorder } from './recorder.js'

const arrival = {
  site: 'cn',
  method: 'POST',
  path: '/v1/x',
  query: '',
  rawHeaders: [],
  receivedAt: 0,
} as const

test('only the last requests are kept, and memory does not grow', () => {
  const recorder = new Recorder(() => ({ ...defaultSettings, recordedRequests: 10 }))
  for (let index = 1; index <= 1000; index += 1)
    recorder.keepBody(recorder.begin(arrival), Buffer.from(`${index}`))
  expect(recorder.requests.map(({ id }) => id)).toEqual(
    Array.from({ length: 10 }, (_, index) => `request-${991 + index}`),
  )
  expect(recorder.count).toBe(1000)
  expect(String(recorder.requests[0]?.body)).toBe('991')
})

test('of each body the first bytes are kept', () => {
  const recorder = new Recorder(() => ({ ...defaultSettings, recordedBodyBytes: 4 }))
  const record = recorder.begin(arrival)
  recorder.keepBody(record, Buffer.from('hello'))
  expect([String(record.body), record.bodySize, record.isBodyTruncated]).toEqual(['hell', 5, true])
})

test('of all bodies together the newest are kept', () => {
  const recorder = new Recorder(() => ({ ...defaultSettings, recordedTotalBytes: 10 }))
  for (let index = 0; index < 5; index += 1) recorder.keepBody(recorder.begin(arrival), Buffer.from('four'))
  expect(recorder.requests.map(({ body }) => body.length)).toEqual([0, 0, 0, 4, 4])
  expect(recorder.requests[0]).toMatchObject({ bodySize: 4, isBodyTruncated: true })
})

test('clearing empties the very list that was handed out', async () => {
  const { sim, url, key } = await running()
  const { requests } = sim
  await ask(`${url}/models`, { key })
  expect(requests).toHaveLength(1)
  sim.clearRequests()
  expect([requests.length, sim.requests.length]).toEqual([0, 0])
  await ask(`${url}/models`, { key })
  expect(requests.map(({ id }) => id)).toEqual(['request-2'])
})

test('nothing is kept when nothing shall be', async () => {
  const { sim, url, key } = await running({ settings: { recordedRequests: 0 } })
  await ask(`${url}/models`, { key })
  expect(sim.requests).toHaveLength(0)
  sim.settings.update({ recordedRequests: 5 })
  await ask(`${url}/models`, { key })
  expect(sim.requests).toHaveLength(1)
})

test('headers are kept as they arrived, repeated ones too', async () => {
  const { sim, url, key } = await running()
  await ask(`${url}/models`, { key, headers: { 'X-Custom': 'one', Cookie: 'sid=1' } })
  const [request] = sim.requests
  expect(request?.headers).toMatchObject({
    'x-custom': 'one',
    cookie: 'sid=1',
    authorization: `Bearer ${key}`,
  })
  expect(request?.rawHeaders).toEqual(expect.arrayContaining(['one', 'sid=1']))
})

test('a binary body is kept byte for byte', async () => {
  const { sim, url, key } = await running()
  const form = new FormData()
  const bytes = Buffer.from([0, 255, 128, 13, 10, 0])
  form.append('file', new Blob([bytes]))
  await ask(`${url}/audio/transcriptions`, { key, form })
  expect(sim.requests[0]?.body.includes(bytes)).toBe(true)
})

test('of the body of an answer as much is kept as the setting wants, which is nothing by default', async () => {
  const { sim, url, key } = await running({ settings: { replyTokens: 40 } })
  const body = { model: 'Qwen/Qwen2.5-72B-Instruct', messages: [{ role: 'user', content: 'x' }] }
  const whole = { key, body }
  const streamed = { key, body: { ...body, stream: true } }
  await ask(`${url}/chat/completions`, whole)
  sim.settings.update({ recordedResponseBytes: 1_000_000 })
  const answers = [
    await ask(`${url}/chat/completions`, whole),
    await ask(`${url}/chat/completions`, streamed),
  ]
  sim.settings.update({ recordedResponseBytes: 10 })
  await ask(`${url}/chat/completions`, streamed)
  expect(sim.requests.map(({ responseBody }) => String(responseBody))).toEqual([
    '',
    ...answers.map(({ text }) => text),
    answers[1]?.text.slice(0, 10),
  ])
  expect(sim.requests[3]?.responseBytes).toBeGreaterThan(1000)
})
