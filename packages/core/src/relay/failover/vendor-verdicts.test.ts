import { describe, expect, it } from 'vitest'
import { simulatedPool } from '../../testing/simulated-pool.js'

const headers = { 'content-type': 'application/json', 'retry-after': '30' }
const noQuota = {
  error: { message: 'You exceeded your current quota', type: 'insufficient_quota', code: null },
}
const badKey = { code: 'Client specified an invalid argument', error: 'Incorrect API key provided: xa***42.' }
const providers = ['siliconflow', 'generic', 'openai', 'deepseek'] as const

/** Two keys behind an upstream of any vendor; `when` picks the key whose calls get this answer. */
async function behind(
  provider: (typeof providers)[number],
  { status, body }: { status: number; body: unknown },
  account?: string,
) {
  const upstream = await simulatedPool()
  const baseURL = upstream.simulator.sites.cn.baseURL
  const more = await simulatedPool({ pool: { provider, baseURL, keys: [...upstream.keys] } })
  upstream.simulator.faults.add({
    ...(account === undefined ? {} : { when: { account } }),
    fault: { kind: 'answer', status, headers, body },
  })
  return {
    ask: more.chat,
    send: more.ask,
    statuses: () => more.pool.keys.list().map(({ status: word }) => word),
  }
}

describe.each(providers)('an upstream that is %s', (provider) => {
  it('an account without money is exhausted, whatever the status, and another key serves', async () => {
    const { ask, statuses } = await behind(provider, { status: 429, body: noQuota }, 'account-1')
    expect((await ask()).status).toBe(200)
    expect(statuses()).toEqual(['exhausted', 'ready'])
  })

  it('no money on any account is told at once, as 402', async () => {
    const { ask } = await behind(provider, { status: 429, body: noQuota })
    const response = await ask()
    expect(response.status).toBe(402)
    expect(await response.json()).toMatchObject({ error: { code: 'all_keys_exhausted' } })
  })

  it('a bad key told as 400 is marked, and another key serves', async () => {
    const { ask, statuses } = await behind(provider, { status: 400, body: badKey }, 'account-1')
    expect((await ask()).status).toBe(200)
    expect(statuses()).toEqual(['invalid', 'ready'])
  })

  it('a wrong request is returned at once, and marks no key', async () => {
    const body = { error: { message: 'max_tokens must be positive', type: 'invalid_request_error' } }
    const { ask, statuses } = await behind(provider, { status: 400, body })
    const response = await ask()
    expect([response.status, response.headers.get('x-sfpool-attempts')]).toEqual([400, '1'])
    expect(await response.json()).toEqual(body)
    expect(statuses()).toEqual(['ready', 'ready'])
  })

  it.each([
    ['its model', { model: 'API key not valid. Please pass a valid API key.' }],
    [
      'a message',
      { messages: [{ role: 'API key not valid. Please "pass" a valid API key.', content: 'x' }] },
    ],
  ])('a request whose own words condemn a key, repeated from %s, condemns none', async (_what, fields) => {
    const message = 'API key not valid. Please "pass" a valid API key. is not a valid value'
    const { ask, statuses } = await behind(provider, { status: 400, body: { error: { message, code: 400 } } })
    expect((await ask(fields)).status).toBe(400)
    expect(statuses()).toEqual(['ready', 'ready'])
  })

  const low = 'Your credit balance is too low'
  const escaped = (text: string) =>
    [...text].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
  const bodyOf = (role: string) => `{"model":"m","messages":[{"role":"${role}","content":"x"}]}`
  const chat = { method: 'POST', path: '/chat/completions' }
  const get = { method: 'GET', path: '/models' }

  it.each([
    ['escaped Latin text', 400, low, { ...chat, body: bodyOf(escaped(low)) }],
    ['escaped Chinese text', 400, '余额不足', { ...chat, body: bodyOf(escaped('余额不足')) }],
    [
      'JSON in JSON',
      400,
      '余额不足',
      { ...chat, body: bodyOf(`\\"${escaped('余额不足').replaceAll('\\', '\\\\')}`) },
    ],
    ['a path', 404, 'incorrect api key', { ...get, path: '/models/incorrect%20api%20key' }],
    [
      'a model in another case',
      400,
      'insufficient balance',
      { ...chat, body: '{"model":"Insufficient  BALANCE"}' },
    ],
    ['a query', 400, 'not enough balance', { ...get, path: '/models?type=not+enough%20balance' }],
    ['a header', 400, low, { ...get, headers: { 'openai-beta': low } }],
    ['a role under 403', 403, low, { ...chat, body: bodyOf(low) }],
    ['a model that the error goes on from', 400, 'api key', { ...chat, body: '{"model":"api key"}' }],
    [
      'a place',
      400,
      'User location is not supported',
      { ...chat, body: bodyOf('user location is not supported') },
    ],
  ])('words on key or money that repeat %s condemn no key', async (_what, status, words, request) => {
    const message = `${words}${words === 'api key' ? '' : ','} is not valid`
    const { send, statuses } = await behind(provider, { status, body: { error: { message, code: null } } })
    const { path, ...init } = request
    expect((await send(path, undefined, init)).status).toBe(status)
    expect(statuses()).toEqual(['ready', 'ready'])
  })

  it('a code of the upstream condemns a key, also beside words of the caller', async () => {
    const body = { error: { message: low, code: 'insufficient_quota' } }
    const { ask, statuses } = await behind(provider, { status: 400, body }, 'account-1')
    expect((await ask({ user: low })).status).toBe(200)
    expect(statuses()).toEqual(['exhausted', 'ready'])
  })
})
