import { siliconflow } from '@sfpool/core'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { createGateway } from './gateway.js'
import type { GatewayOptions } from './options.js'
import { chat, LogCapture, stage } from './testing/stage.js'

describe('the proxy route', () => {
  it.each(['/v1/chat/completions', '/chat/completions', '/api/proxy/v1/chat/completions'])(
    'the proxy route relays %s under a key of the pool',
    async (path) => {
      const { ask, sim, keys } = await stage({ clientKeys: ['client-key-one'] })
      const init = chat()
      const headers = { ...(init.headers as Record<string, string>), authorization: 'Bearer client-key-one' }
      const answer = await ask(path, { ...init, headers })
      expect(answer.status).toBe(200)
      expect(await answer.json()).toMatchObject({ object: 'chat.completion' })
      expect(sim.requests[0]).toMatchObject({ path: '/v1/chat/completions', key: keys[0] })
    },
  )

  it('the gateway admits Azure clients, whose key comes in api-key, and does not pass it on', async () => {
    const { ask, sim } = await stage({ clientKeys: ['client-key-one'] })
    const headers = { 'content-type': 'application/json', 'api-key': 'client-key-one' }
    const answer = await ask('/v1/chat/completions', { ...chat(), headers })
    expect(answer.status).toBe(200)
    expect(JSON.stringify(sim.requests.map(({ rawHeaders }) => rawHeaders))).not.toContain('client-key-one')
    expect((await ask('/stats', { headers })).status).toBe(200)
    expect((await ask('/stats', { headers: { 'api-key': 'wrong' } })).status).toBe(401)
  })

  it('the proxy route admits Anthropic clients, whose key comes in x-api-key, on every path', async () => {
    const { ask, sim } = await stage({ clientKeys: ['client-key-one'] })
    const headers = { 'content-type': 'application/json', 'x-api-key': 'client-key-one' }
    const message = { ...chat({ max_tokens: 16 }), headers }
    expect((await ask('/v1/messages', message)).status).toBe(200)
    expect((await ask('/v1/models', { headers })).status).toBe(200)
    expect((await ask('/v1/chat/completions', message)).status).toBe(200)
    expect(JSON.stringify(sim.requests.map(({ rawHeaders }) => rawHeaders))).not.toContain('client-key-one')
  })

  it('the proxy route keeps a safe request id of the client and makes a new one otherwise', async () => {
    const { ask } = await stage()
    const given = await ask('/v1/models', { headers: { 'x-request-id': 'trace-7' } })
    expect(given.headers.get('x-request-id')).toBe('trace-7')
    const odd = await ask('/v1/models', { headers: { 'x-request-id': 'no spaces, please' } })
    expect(odd.headers.get('x-request-id')).toMatch(/^[\w.:-]{1,40}$/)
  })

  it('the proxy route refuses a body that is too large, and streams one above the replay limit', async () => {
    const { ask, sim } = await stage({ maxBody: 50_000 }, { replayLimit: 1000 })
    const post = (length: number) => ask('/v1/anything', { method: 'POST', body: 'x'.repeat(length) })
    expect((await post(50_000)).status).toBe(404)
    expect(sim.requests[0]?.bodySize).toBe(50_000)
    const refused = await post(50_001)
    expect(refused.status).toBe(413)
    expect(await refused.json()).toMatchObject({ error: { code: 'body_too_large' } })
    expect(sim.requests.filter(({ bodySize }) => bodySize > 50_000)).toHaveLength(0)
  })

  it('the upstream call ends when the client aborts', async () => {
    const { ask, sim } = await stage()
    sim.faults.add({ fault: { kind: 'hang', at: 'mid-body', afterEvents: 4 } })
    const abort = new AbortController()
    const answer = await ask('/v1/chat/completions', { ...chat({ stream: true }), signal: abort.signal })
    await answer.body?.getReader().read()
    abort.abort()
    await expect.poll(() => sim.requests[0]?.abortedAt).toBeDefined()
  })
})

it('no upstream call is made when the client aborts while it sends its body', async () => {
  const { ask, sim } = await stage()
  const abort = new AbortController()
  const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{"model":')) })
  const init = { method: 'POST', body, duplex: 'half', signal: abort.signal } as RequestInit
  const answer = ask('/v1/chat/completions', init)
  abort.abort()
  await expect(answer).rejects.toThrow(/abort/i)
  expect(sim.requests).toHaveLength(0)
})

describe('the base path', () => {
  it('the base path is removed before all else, and paths outside it are 404', async () => {
    const { ask, sim } = await stage({ basePath: '/llm/' })
    expect((await ask('/llm/v1/models?type=text')).status).toBe(200)
    expect(sim.requests[0]).toMatchObject({ path: '/v1/models', query: 'type=text' })
    expect((await ask('/llm')).status).toBe(200)
    expect((await ask('/llm/healthz')).status).toBe(200)
    const outside = await ask('/v1/models')
    expect(outside.status).toBe(404)
    expect(await outside.text()).toContain('/llm/v1')
  })
})

describe("paths that are neither the gateway's nor the upstream's", () => {
  it.each([
    ['GET', '/favicon.ico'],
    ['GET', '/.env'],
    ['GET', '/wp-login.php'],
    ['GET', '/metrics'],
    ['GET', '/api/manage/api-keys'],
    ['POST', '/keys'],
    ['POST', '/v2/chat/completions'],
    ['DELETE', '/chat'],
    ['OPTIONS', '/x'],
  ])(
    '%s %s is answered with a 404 that names /v1, with and without a client key, and nothing leaves',
    async (method, path) => {
      const { ask, sim } = await stage({ clientKeys: ['client-key-one'] })
      const body = method === 'POST' ? { body: 'keys=sk-secret-one' } : {}
      for (const headers of [{}, { authorization: 'Bearer client-key-one' }]) {
        const answer = await ask(path, { method, headers, ...body })
        expect(answer.status).toBe(404)
        expect(await answer.json()).toMatchObject({
          error: { code: 'not_found', type: 'not_found_error', message: expect.stringContaining('/v1') },
        })
      }
      expect(sim.requests).toHaveLength(0)
    },
  )

  it.each([
    '//v1/chat//completions/',
    '/v1/v1/chat/completions',
    '/chat/completions/',
    '/v1/%63hat/completions',
  ])('the path %s is the chat route: it is relayed clean and fails over', async (path) => {
    const { gateway, sim } = await stage()
    sim.faults.add({ fault: { kind: 'close', at: 'mid-body', afterEvents: 1 }, times: 1 })
    const { method = '', body, headers } = chat({ stream: true })
    const request = new Request('http://gateway.example/', { method, headers, body } as RequestInit)
    const answer = await gateway.fetch(request, path)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('[DONE]')
    expect(sim.requests.map((one) => one.path)).toEqual(['/v1/chat/completions', '/v1/chat/completions'])
  })

  it.each(['//healthz', '/healthz/', '/%68ealthz', '//info//'])(
    'the path %s is a route of the gateway',
    async (path) => {
      const { gateway, sim } = await stage({ clientKeys: ['client-key-one'] })
      expect((await gateway.fetch(new Request('http://gateway.example/'), path)).status).toBe(200)
      expect(sim.requests).toHaveLength(0)
    },
  )
})

describe('web pages of other origins', () => {
  const origin = 'https://app.example'
  const preflight: RequestInit = {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, content-type',
    },
  }

  it('web pages of other origins get no permission by default', async () => {
    const { ask, sim } = await stage()
    const answer = await ask('/v1/models', { headers: { origin } })
    expect(answer.headers.has('access-control-allow-origin')).toBe(false)
    const refused = await ask('/v1/chat/completions', preflight)
    expect(refused.status).toBe(403)
    expect(refused.headers.has('access-control-allow-origin')).toBe(false)
    expect(await refused.json()).toMatchObject({ error: { code: 'foreign_origin' } })
    expect(sim.requests.map(({ method }) => method)).not.toContain('OPTIONS')
  })

  it.each([
    [true, '*'],
    [[origin], origin],
  ])('web pages may preflight without a key and read every answer when cors is %o', async (cors, allowed) => {
    const { ask, sim } = await stage({ cors, clientKeys: ['client-key-one'] } as GatewayOptions)
    const granted = await ask('/v1/chat/completions', preflight)
    expect(granted.status).toBe(204)
    expect(Object.fromEntries(granted.headers)).toMatchObject({
      'access-control-allow-origin': allowed,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization, content-type',
    })
    expect(sim.requests).toHaveLength(0)
    const refused = await ask('/v1/models', { headers: { origin } })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('access-control-allow-origin')).toBe(allowed)
    const headers = { origin, authorization: 'Bearer client-key-one' }
    for (const path of ['/v1/models', '/stats']) {
      const answer = await ask(path, { headers })
      expect(answer.status).toBe(200)
      expect(answer.headers.get('access-control-allow-origin')).toBe(allowed)
      expect(answer.headers.get('access-control-expose-headers')).toBe(
        'x-request-id, x-sfpool-attempts, x-sfpool-trace, retry-after',
      )
      expect(answer.headers.has('access-control-allow-credentials')).toBe(false)
    }
  })

  it('web pages of an unlisted origin get no permission, and caches see that answers differ by origin', async () => {
    const { ask } = await stage({ cors: ['https://other.example'] })
    const answer = await ask('/v1/models', { headers: { origin } })
    expect(answer.headers.has('access-control-allow-origin')).toBe(false)
    expect(answer.headers.get('vary')).toContain('origin')
  })

  it('web pages get the CORS headers of the gateway, not those of the upstream', async () => {
    const { ask, sim } = await stage({ cors: [origin] })
    sim.faults.add({ fault: { kind: 'headers', headers: { 'access-control-allow-origin': '*' } } })
    const answer = await ask('/v1/models', { headers: { origin } })
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
  })
})

describe('web pages of other sites that send no origin', () => {
  const crossSite = { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } }
  const local = async (options: GatewayOptions = {}) => {
    const { gateway, sim } = await stage({ localOnly: true, ...options })
    const ask = (path: string, init: RequestInit) =>
      gateway.fetch(new Request(`http://localhost${path}`, init))
    return { ask, sim }
  }

  it.each(['/v1/models', '/models', '/stats', '/balance?refresh=true', '/nowhere'])(
    'a cross-site GET of %s spends no call of a gateway for this machine only',
    async (path) => {
      const { ask, sim } = await local()
      const answer = await ask(path, crossSite)
      expect(answer.status).toBe(403)
      expect(await answer.json()).toMatchObject({ error: { code: 'foreign_origin' } })
      expect(sim.requests).toHaveLength(0)
    },
  )

  it.each(['same-origin', 'same-site', 'none'])('a GET with Sec-Fetch-Site %s is relayed', async (site) => {
    const { ask } = await local()
    expect((await ask('/v1/models', { headers: { 'sec-fetch-site': site } })).status).toBe(200)
  })

  it('a link of another site to a public page of the gateway works, and listed origins may call', async () => {
    const { ask } = await local({ cors: ['https://app.example'] })
    expect((await ask('/', crossSite)).status).toBe(200)
    const headers = { ...crossSite.headers, origin: 'https://app.example' }
    expect((await ask('/v1/models', { headers })).status).toBe(200)
  })

  it('a cross-site GET is relayed where a client key is needed and shown', async () => {
    const { ask } = await stage({ clientKeys: ['client-key-one'] })
    const headers = { ...crossSite.headers, authorization: 'Bearer client-key-one' }
    expect((await ask('/v1/models', { headers })).status).toBe(200)
  })
})

describe('a page that preflights a private network', () => {
  const preflight = (origin: string): RequestInit => ({
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-private-network': 'true',
    },
  })

  it('a page of a listed origin may enter the private network without a key, others may not', async () => {
    const { ask } = await stage({ cors: ['https://app.example'], clientKeys: ['client-key-one'] })
    const granted = await ask('/v1/chat/completions', preflight('https://app.example'))
    expect(granted.status).toBe(204)
    expect(granted.headers.get('access-control-allow-private-network')).toBe('true')
    const refused = await ask('/v1/chat/completions', preflight('https://other.example'))
    expect(refused.status).toBe(403)
    expect(refused.headers.has('access-control-allow-private-network')).toBe(false)
  })
})

describe('a stream behind a proxy that buffers', () => {
  it.each([
    ['none', {}, 'no-transform'],
    ['its own', { 'cache-control': 'no-cache' }, 'no-cache'],
  ])(
    'a relayed stream asks not to be buffered, and keeps cache-control where the upstream set %s',
    async (_, headers, expected) => {
      const { ask, sim } = await stage()
      const body =
        'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
      const answer = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'yes', ...headers }
      sim.faults.add({ fault: { kind: 'answer', status: 200, headers: answer, body } })
      const got = await ask('/v1/chat/completions', chat({ stream: true }))
      expect(got.headers.get('x-accel-buffering')).toBe('no')
      expect(got.headers.get('cache-control')).toBe(expected)
      expect(await got.text()).toContain('[DONE]')
    },
  )

  it('an answer that is no stream says nothing about buffering', async () => {
    const { ask } = await stage()
    const answer = await ask('/v1/chat/completions', chat())
    expect(answer.headers.has('x-accel-buffering')).toBe(false)
  })
})

it('refusals that only a person can mend tell SDKs not to try again', async () => {
  const { ask } = await stage({ clientKeys: ['client-key-one'] })
  for (const path of ['/v1/models', '/nowhere', '/reload-keys', '/stats']) {
    const answer = await ask(path)
    expect(answer.headers.get('x-should-retry'), path).toBe('false')
    expect(answer.headers.has('retry-after'), path).toBe(false)
  }
})

describe('a fault of the gateway', () => {
  const broken = {
    ...siliconflow(),
    route: () => {
      throw new Error('canary: a provider that fails')
    },
  }

  it.each([['GET'], ['POST']])(
    'a fault of the gateway is answered with 500, and only the log says why (%s)',
    async (method) => {
      const captured = new LogCapture()
      const { ask } = await stage({ logger: pino(captured) }, { provider: broken })
      const answer = await ask('/v1/models', { method, ...(method === 'POST' ? { body: 'x' } : {}) })
      expect(answer.status).toBe(500)
      const text = await answer.text()
      expect(JSON.parse(text)).toMatchObject({ error: { code: 'internal_error' } })
      expect(text).not.toContain('canary')
      expect(captured.text).toContain('canary')
      expect(captured.lines.at(-1)).toMatchObject({ status: 500, code: 'internal_error' })
    },
  )
})

it('createGateway refuses a wrong option at once', async () => {
  const { pool } = await stage()
  expect(() => createGateway(pool, { clientKeys: [''] })).toThrow(/clientKeys/)
})
