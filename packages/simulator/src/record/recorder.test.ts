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

test('the recorder keeps only the last requests, so that memory does not grow', () => {
  const recorder = new Recorder(() => ({ ...defaultSettings, recordedRequests: 10 }))
  for (let index = 1; index <= 1000; index += 1)
    recorder.keepBody(recorder.begin(arrival), Buffer.from(`${index}`))
  expect(recorder.requests.map(({ id }) => id)).toEqual(
    Array.from({ length: 10 }, (_, index) => `request-${991 + index}`),
  )
  expect(recorder.count).toBe(1000)
  expect(String(recorder.requests[0]?.body)).toBe('991')
})

test('the recorder keeps the first bytes of each body', () => {
  const recorder = new Recorder(() => ({ ...defaultSettings, recordedBodyBytes: 4 }))
  const record = recorder.begin(arrival)
  recorder.keepBody(record, Buffer.from('hello'))
  expect([String(record.body), record.bodySize, record.isBodyTruncated]).toEqual(['hell', 5, true])
})

test('the recorder keeps the newest bodies within the total limit', () => {
  const recorder = new Recorder(() => ({ ...defaultSettings, recordedTotalBytes: 10 }))
  for (let index = 0; index < 5; index += 1) recorder.keepBody(recorder.begin(arrival), Buffer.from('four'))
  expect(recorder.requests.map(({ body }) => body.length)).toEqual([0, 0, 0, 4, 4])
  expect(recorder.requests[0]).toMatchObject({ bodySize: 4, isBodyTruncated: true })
})

test('clear empties the same list that was returned before', async () => {
  const { sim, url, key } = await running()
  const { requests } = sim
  await ask(`${url}/models`, { key })
  expect(requests).toHaveLength(1)
  sim.clearRequests()
  expect([requests.length, sim.requests.length]).toEqual([0, 0])
  await ask(`${url}/models`, { key })
  expect(requests.map(({ id }) => id)).toEqual(['request-2'])
})

test('the recorder keeps nothing when the limits are zero', async () => {
  const { sim, url, key } = await running({ settings: { recordedRequests: 0 } })
  await ask(`${url}/models`, { key })
  expect(sim.requests).toHaveLength(0)
  sim.settings.update({ recordedRequests: 5 })
  await ask(`${url}/models`, { key })
  expect(sim.requests).toHaveLength(1)
})

test('the recorder keeps headers as they arrived, including repeated ones', async () => {
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

test('the recorder keeps a binary body byte for byte', async () => {
  const { sim, url, key } = await running()
  const form = new FormData()
  const bytes = Buffer.from([0, 255, 128, 13, 10, 0])
  form.append('file', new Blob([bytes]))
  await ask(`${url}/audio/transcriptions`, { key, form })
  expect(sim.requests[0]?.body.includes(bytes)).toBe(true)
})

test('the recorder keeps as much of an answer as the setting says, by default nothing', async () => {
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
