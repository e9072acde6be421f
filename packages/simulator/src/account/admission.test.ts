import { expect, test } from 'vitest'
import { ask, hello } from '../testing/ask.js'
import { createManualClock } from '../testing/manual-clock.js'
import { running } from '../testing/running.js'

const model = 'Qwen/Qwen2.5-72B-Instruct'
const chat = { model, messages: hello, max_tokens: 8 }

test('keys of one account share its limits, other accounts and models have their own', async () => {
  const { url, keys } = await running({ accounts: 2, keysPerAccount: 2, limits: { rpm: 2 } })
  const [first, second, other] = keys
  const statuses = []
  for (const key of [first, second, first, second, other]) {
    statuses.push((await ask(`${url}/chat/completions`, { key, body: chat })).status)
  }
  expect(statuses).toEqual([200, 200, 429, 429, 200])
  const elsewhere = await ask(`${url}/chat/completions`, {
    key: first,
    body: { ...chat, model: 'Qwen/Qwen3-8B' },
  })
  expect(elsewhere.status).toBe(200)
})

test('a rate limit answer names the full meter, in the wording of the regime', async () => {
  const { sim, url, key } = await running({ limits: { rpm: 1 } })
  await ask(`${url}/chat/completions`, { key, body: chat })
  const current = await ask(`${url}/chat/completions`, { key, body: chat })
  expect(current.json).toEqual({
    code: 50_601,
    message: 'Request was rejected due to rate limiting. Details: RPM limit reached.',
    data: null,
  })
  sim.settings.update({ regime: 'classic' })
  const classic = await ask(`${url}/chat/completions`, { key, body: chat })
  expect(classic.json).toEqual({
    message:
      'Request was rejected due to rate limiting. If you want more, please contact contact@siliconflow.cn. Details:RPM limit reached.',
    data: null,
  })
})

test.each([
  ['rph', 3_600_000],
  ['rpd', 86_400_000],
  ['tpm', 60_000],
  ['tpd', 86_400_000],
] as const)('the meter %s admits calls again after its window', async (meter, lengthMs) => {
  const clock = createManualClock()
  const { url, key } = await running({ limits: { [meter]: 1 } }, clock)
  const statusAfter = async (ms: number): Promise<number> => {
    clock.advance(ms)
    return (await ask(`${url}/chat/completions`, { key, body: chat })).status
  }
  expect(await statusAfter(0)).toBe(200)
  expect(await statusAfter(lengthMs - 1)).toBe(429)
  expect(await statusAfter(1)).toBe(200)
})

test.each(['ipm', 'ipd'] as const)('the meter %s counts images', async (meter) => {
  const { url, key } = await running({ limits: { [meter]: 2 } })
  const body = { model: 'Kwai-Kolors/Kolors', prompt: 'a cat' }
  const answers = []
  for (let index = 0; index < 3; index += 1)
    answers.push(await ask(`${url}/images/generations`, { key, body }))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
  expect(answers[2]?.text).toContain(`${meter.toUpperCase()} limit reached`)
})

test('with reserved tokens, the longest possible answer counts until the real one is known', async () => {
  const settings = { tokenMetering: 'reserve', replyTokens: 2 } as const
  const { url, key } = await running({ limits: { tpm: 100 }, settings })
  const big = await ask(`${url}/chat/completions`, { key, body: { ...chat, max_tokens: 5000 } })
  expect(big).toMatchObject({ status: 429, json: { code: 50_602 } })
  for (let index = 0; index < 3; index += 1) {
    expect((await ask(`${url}/chat/completions`, { key, body: { ...chat, max_tokens: 60 } })).status).toBe(
      200,
    )
  }
})

test('an account’s own limits replace those of the catalogue and can be changed at any time', async () => {
  const { sim, url, key } = await running({ limits: {} })
  sim.models.update(model, { limits: { rpm: 0 } })
  expect((await ask(`${url}/chat/completions`, { key, body: chat })).status).toBe(200)
  sim.accounts.update('account-1', { limits: {} })
  expect((await ask(`${url}/chat/completions`, { key, body: chat })).status).toBe(429)
  sim.accounts.update('account-1', { limits: { [model]: { rpm: 5 } } })
  expect((await ask(`${url}/chat/completions`, { key, body: chat })).status).toBe(200)
})

test('the limits of paid models grow with the level', async () => {
  const { sim, url, key } = await running()
  sim.accounts.update('account-1', { limits: {}, level: 1 })
  sim.models.update(model, { limits: { rpm: 1 } })
  const statuses = []
  for (let index = 0; index < 3; index += 1) {
    statuses.push((await ask(`${url}/chat/completions`, { key, body: chat })).status)
  }
  expect(statuses).toEqual([200, 200, 429])
})

test('headers about limits are sent only when the settings enable them', async () => {
  const { sim, url, key } = await running({ limits: { rpm: 2, tpm: 1000 } })
  const silent = await ask(`${url}/chat/completions`, { key, body: chat })
  expect([...silent.headers.keys()].filter((name) => /ratelimit|retry/.test(name))).toEqual([])
  sim.settings.update({ rateLimitHeaders: 'both' })
  const limited = await ask(`${url}/chat/completions`, { key, body: chat })
  expect(limited.headers.get('x-ratelimit-limit-requests')).toBe('2')
  expect(limited.headers.get('x-ratelimit-remaining-requests')).toBe('0')
  expect(limited.headers.get('x-ratelimit-remaining-tokens')).toMatch(/^\d+$/)
  const refused = await ask(`${url}/chat/completions`, { key, body: chat })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50)
})

test('an unverified account is refused in the current regime and limited in the classic one', async () => {
  const { sim, url, key } = await running({ status: 'unverified' })
  const free = { ...chat, model: 'Qwen/Qwen2.5-7B-Instruct' }
  expect((await ask(`${url}/chat/completions`, { key, body: free })).json).toMatchObject({ code: 30_005 })
  expect((await ask(`${url}/models`, { key })).status).toBe(200)
  sim.settings.update({ regime: 'classic' })
  expect((await ask(`${url}/chat/completions`, { key, body: chat })).json).toMatchObject({ code: 30_005 })
  const answers = []
  for (let index = 0; index < 11; index += 1)
    answers.push(await ask(`${url}/chat/completions`, { key, body: free }))
  expect(answers.map(({ status }) => status)).toEqual([...Array(10).fill(200), 429])
})

test('an unverified account may send a hundred requests a day in the classic regime', async () => {
  const clock = createManualClock()
  const { url, key } = await running({ status: 'unverified', settings: { regime: 'classic' } }, clock)
  const body = { ...chat, model: 'Qwen/Qwen2.5-7B-Instruct' }
  for (let index = 0; index < 100; index += 1) {
    clock.advance(10_000)
    expect((await ask(`${url}/chat/completions`, { key, body })).status).toBe(200)
  }
  clock.advance(10_000)
  expect(await ask(`${url}/chat/completions`, { key, body })).toMatchObject({
    status: 429,
    json: { code: 50_606 },
  })
})

test('disabled and expired accounts are answered with 403 on every path', async () => {
  const { sim, url, key } = await running({ status: 'disabled' })
  expect(await ask(`${url}/models`, { key })).toMatchObject({ status: 403, json: { code: 30_002 } })
  sim.accounts.update('account-1', { status: 'expired' })
  expect(await ask(`${url}/models`, { key })).toMatchObject({ status: 403, json: { code: 30_012 } })
})

test('a new kind of window starts with empty meters', async () => {
  const { sim, url, key } = await running({ limits: { rpm: 1 } })
  const status = async (): Promise<number> =>
    (await ask(`${url}/chat/completions`, { key, body: chat })).status
  expect([await status(), await status()]).toEqual([200, 429])
  sim.settings.update({ window: 'fixed' })
  expect([await status(), await status()]).toEqual([200, 429])
})
