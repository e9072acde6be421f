import { afterEach, expect, test } from 'vitest'
import { keysOf, makeScenario } from './scenario/make-scenario.js'
import type { Simulator, SimulatorOptions } from './simulator.js'
import { startSimulator } from './simulator.js'
import { ask, eventsOf, hello, send } from './testing/ask.js'

const chat = { model: 'Qwen/Qwen3-32B', messages: hello }
let sim: Simulator | undefined

async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  sim = await startSimulator({ scenario: makeScenario({ accounts: 2, keysPerAccount: 2 }), ...options })
  return sim
}

afterEach(async () => {
  await sim?.close()
  sim = undefined
})

test('a chat request is answered with usage and ids in the shapes of the platform', async () => {
  const { sites } = await start()
  const [key] = keysOf(makeScenario())
  const answer = await ask(`${sites.cn.baseURL}/chat/completions`, { key, body: chat })
  expect(answer.status).toBe(200)
  expect(answer.json).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    object: 'chat.completion',
    model: 'Qwen/Qwen3-32B',
    choices: [
      { index: 0, message: { role: 'assistant', content: expect.any(String) }, finish_reason: 'stop' },
    ],
    usage: { completion_tokens: 28, completion_tokens_details: { reasoning_tokens: 12 } },
    system_fingerprint: '',
  })
})

test('a chat stream has usage in every chunk and ends with [DONE]', async () => {
  const { sites } = await start()
  const [key] = keysOf(makeScenario())
  const answer = await ask(`${sites.cn.baseURL}/chat/completions`, { key, body: { ...chat, stream: true } })
  const events = eventsOf(answer.text)
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  expect(events.at(-1)).toBe('[DONE]')
  const chunks = events.slice(0, -1).map((event) => JSON.parse(event))
  expect(chunks).toHaveLength(1 + 12 + 16 + 1)
  expect(chunks.map(({ usage }) => usage.completion_tokens)).toEqual([...Array(29).keys(), 28])
  expect(chunks[0].choices[0].delta).toEqual({ content: null, reasoning_content: '', role: 'assistant' })
})

test('the same chat request gets the same text, whole or streamed', async () => {
  const { sites } = await start()
  const [key] = keysOf(makeScenario())
  const url = `${sites.cn.baseURL}/chat/completions`
  const whole = await ask(url, { key, body: chat })
  const stream = await ask(url, { key, body: { ...chat, stream: true } })
  const deltas = eventsOf(stream.text)
    .slice(0, -1)
    .map((event) => JSON.parse(event).choices[0].delta.content ?? '')
  expect(deltas.join('')).toBe(
    (whole.json as { choices: [{ message: { content: string } }] }).choices[0].message.content,
  )
})

test('a key of one site is unknown on the other', async () => {
  const { sites } = await start()
  const [key] = keysOf(makeScenario())
  const answer = await ask(`${sites.com.baseURL}/models`, { key })
  expect(answer).toMatchObject({
    status: 401,
    text: '{"code":30014,"data":null,"message":"Token is invalid."}',
  })
})

test('every request is recorded with its facts and its outcome', async () => {
  const { sites, requests } = await start()
  const [key = ''] = keysOf(makeScenario())
  await ask(`${sites.cn.baseURL}/chat/completions?x=1`, { key, body: chat, headers: { cookie: 'a=b' } })
  expect(requests).toHaveLength(1)
  expect(requests[0]).toMatchObject({
    site: 'cn',
    method: 'POST',
    path: '/v1/chat/completions',
    query: 'x=1',
    key,
    account: 'account-1',
    model: chat.model,
    status: 200,
    finishedAt: expect.any(Number),
  })
  expect(requests[0]?.headers.cookie).toBe('a=b')
  expect(JSON.parse(String(requests[0]?.body))).toEqual(chat)
})

test('a client that leaves a stream is recorded as gone and billed for the sent tokens', async () => {
  const running = await start()
  const { sites, requests, accounts } = running
  running.faults.add({ fault: { kind: 'hang', at: 'mid-body' } })
  const [key] = keysOf(makeScenario())
  const leaving = new AbortController()
  const response = await send(`${sites.cn.baseURL}/chat/completions`, {
    key,
    body: { ...chat, stream: true },
    signal: leaving.signal,
  })
  await response.body?.getReader().read()
  leaving.abort()
  await expect.poll(() => requests[0]?.abortedAt).toBeGreaterThan(0)
  expect(requests[0]?.eventCount).toBe(3)
  expect(requests[0]?.finishedAt).toBeUndefined()
  expect(accounts.get('account-1')?.ledger.at(-1)?.usage.outputTokens).toBe(2)
})

test('close ends hanging requests at once', async () => {
  const running = await start()
  running.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
  const [key] = keysOf(makeScenario())
  const hanging = send(`${running.sites.cn.baseURL}/models`, { key }).catch((error: Error) => error.message)
  await expect.poll(() => running.requests.length).toBe(1)
  await running.close()
  expect(await hanging).toBe('fetch failed')
})
