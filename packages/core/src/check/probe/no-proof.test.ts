import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { PoolOptions } from '../../pool-options.js'
import { poolUnderTest } from '../../testing/pool-under-test.js'
import type { Verdict } from '../verdict.js'

interface Sent {
  readonly status?: number
  readonly type?: string
  readonly body: string | Buffer
}

async function verdictOn(
  { status = 200, type = 'application/json', body }: Sent,
  { probe = 'models', ...pool }: PoolOptions & { probe?: 'models' | 'balance' | 'chat' } = {},
): Promise<Verdict> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': type, location: '/login' }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const options = { keys: ['sk-fake-the-one'], baseURL: `http://127.0.0.1:${port}`, ...pool }
  const under = await poolUnderTest({ ...options, runtime: {} })
  const verdicts: Verdict[] = []
  for await (const verdict of under.pool.check({ probe, model: 'm', retries: 0 })) verdicts.push(verdict)
  return verdicts[0] as Verdict
}

const providers = [{ provider: 'siliconflow' }, { provider: 'generic' }] as const

describe.each(providers)('as $provider', (pool) => {
  it.each<[string, Sent]>([
    ['an envelope of failure', { body: '{"success":false}' }],
    ['an envelope of failure around a list', { body: '{"success":false,"data":[]}' }],
    ['an envelope with words', { body: '{"success":false,"message":"请先登录"}' }],
    ['a code of success around nothing', { body: '{"code":0,"data":{"url":"https://x.example"}}' }],
    ['an empty object', { body: '{}' }],
    ['null', { body: 'null' }],
    ['a number', { body: '200' }],
    ['a text', { body: '"ok"' }],
    ['broken JSON', { body: '{"data":[}' }],
    ['a portal', { type: 'text/html', body: '<html><title>Sign in</title></html>' }],
    ['a portal labelled as JSON', { body: '<html><title>Sign in</title></html>' }],
    ['plain words', { type: 'text/plain', body: 'Server is running.' }],
    ['nothing', { type: 'text/plain', body: '' }],
    ['a redirect', { status: 302, type: 'text/html', body: '' }],
  ])('%s is no proof of a valid key, nor of a bad one', async (_name, sent) => {
    for (const probe of ['models', 'balance', 'chat'] as const) {
      expect((await verdictOn(sent, { ...pool, probe })).verdict, probe).toBe('unknown')
    }
  })

  it.each<[string, string]>([
    ['a code of 401', '{"code":401}'],
    ['a code of 401 around an empty list', '{"code":401,"message":"未登录","data":[]}'],
    ['words about the key', '{"success":false,"message":"Invalid API key"}'],
  ])('%s tells a bad key', async (_name, body) => {
    for (const probe of ['models', 'chat'] as const)
      expect((await verdictOn({ body }, { ...pool, probe })).verdict).toBe('invalid')
  })

  it.each<[string, Sent]>([
    [
      'Google’s 400',
      {
        status: 400,
        body: '[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]',
      },
    ],
    ['xAI’s 400', { status: 400, body: '{"code":"x","error":"Incorrect API key provided: xa***42."}' }],
  ])('%s tells a bad key', async (_name, sent) => {
    expect((await verdictOn(sent, pool)).verdict).toBe('invalid')
  })

  it.each<[string, Sent]>([
    [
      'Alibaba’s 400',
      { status: 400, body: '{"error":{"code":"Arrearage","message":"Access denied","type":"Arrearage"}}' },
    ],
    [
      'Anthropic’s 400',
      {
        status: 400,
        body: '{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}',
      },
    ],
    [
      'OpenAI’s 429',
      { status: 429, body: '{"error":{"type":"insufficient_quota","code":null,"message":"x"}}' },
    ],
  ])('%s tells an empty account', async (_name, sent) => {
    for (const probe of ['models', 'chat'] as const)
      expect((await verdictOn(sent, { ...pool, probe })).verdict).toBe('exhausted')
  })

  it.each<[string, string | Buffer]>([
    ['OpenAI’s list', '{"object":"list","data":[{"id":"m"}]}'],
    ['an empty list of Ollama', '{"object":"list","data":null}'],
    ['Google’s list', '{"models":[{"name":"m"}]}'],
    ['a bare list', '[{"id":"m"}]'],
    ['an envelope of success', '{"code":20000,"message":"Ok","data":[]}'],
    ['a list behind a byte order mark', '\uFEFF{"data":[]}'],
  ])('%s proves a valid key', async (_name, body) => {
    expect((await verdictOn({ body }, pool)).verdict).toBe('valid')
  })
})
