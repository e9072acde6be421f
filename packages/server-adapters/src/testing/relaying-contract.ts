import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { StartApp } from './app.js'
import { rawClient } from './raw-client.js'
import { chat, onlyRequest, stage } from './stage.js'

/** Tests that requests and answers pass unchanged, apart from headers that belong to one connection or are private. */
export function relayingContract(start: StartApp): void {
  describe('a relayed request', () => {
    relayedRequests(start)
    relayedAnswers(start)
  })

  describe('headers that are not passed on', () => {
    privateRequestHeaders(start)
    privateAnswerHeaders(start)
  })
}

/** Tests what the upstream receives. */
function relayedRequests(start: StartApp): void {
  it('a chat request and its answer are relayed', async () => {
    const at = await stage(start)
    const answer = await fetch(`${at.url}/v1/chat/completions`, chat())
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ object: 'chat.completion' })
    expect(answer.headers.get('x-sfpool-attempts')).toBe('1')
    expect(answer.headers.get('x-request-id')).toMatch(/^[\w.:-]+$/)
    expect(onlyRequest(at)).toMatchObject({ method: 'POST', path: '/v1/chat/completions', query: '' })
    expect(String(onlyRequest(at).body)).toBe(chat().body)
  })

  it('the query string is relayed, with and without /v1 in the path', async () => {
    const at = await stage(start)
    for (const path of ['/v1/models', '/models', '/api/proxy/v1/models', '/api/proxy/models']) {
      at.sim.clearRequests()
      const answer = await fetch(`${at.url}${path}?type=text&sub_type=chat&x=%2F%20a+b`)
      expect(answer.status).toBe(200)
      expect(onlyRequest(at)).toMatchObject({
        path: '/v1/models',
        query: 'type=text&sub_type=chat&x=%2F%20a+b',
      })
    }
  })

  it('any method is relayed without a trailing slash of its path, and so is the answer of the upstream to an unknown path', async () => {
    const at = await stage(start)
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      at.sim.clearRequests()
      const answer = await fetch(`${at.url}/v1/no-such-thing/`, { method })
      expect(answer.status).toBe(404)
      expect(onlyRequest(at)).toMatchObject({ method, path: '/v1/no-such-thing' })
    }
  })

  it('a path with doubled slashes or a doubled /v1 is relayed as the clean one', async () => {
    const at = await stage(start)
    for (const path of ['/v1//models', '/v1/v1/models/', '//v1///models//']) {
      at.sim.clearRequests()
      const client = await rawClient(at.app.port)
      client.send(`GET ${path}?type=text HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
      expect(await client.closed()).toMatch(/^HTTP\/1\.1 200 /)
      expect(onlyRequest(at)).toMatchObject({ path: '/v1/models', query: 'type=text' })
    }
  })

  it('a path that is not of the API is answered with 404 and not relayed', async () => {
    const at = await stage(start)
    for (const [method, path] of [
      ['GET', '/favicon.ico'],
      ['GET', '/.env'],
      ['POST', '/keys'],
    ]) {
      const answer = await fetch(`${at.url}${path}`, { method: method as string })
      expect(answer.status).toBe(404)
      expect(await answer.json()).toMatchObject({
        error: { code: 'not_found', message: expect.stringContaining('/v1') },
      })
    }
    expect(at.sim.requests).toHaveLength(0)
  })
}

/** Tests what must pass unchanged although it is unusual. */
function relayedAnswers(start: StartApp): void {
  it('a HEAD request gets the headers of the answer and no body', async () => {
    const at = await stage(start)
    at.sim.faults.add({
      fault: { kind: 'answer', status: 200, headers: { 'x-upstream': 'here' }, body: '' },
    })
    const answer = await fetch(`${at.url}/v1/models`, { method: 'HEAD' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-upstream')).toBe('here')
    expect(await answer.text()).toBe('')
    expect(onlyRequest(at).method).toBe('HEAD')
  })

  it('a binary answer is relayed unchanged', async () => {
    const at = await stage(start)
    const speech = { model: 'FunAudioLLM/CosyVoice2-0.5B', input: 'hello', voice: 'alex' }
    const direct = await fetch(`${at.sim.sites.cn.baseURL}/audio/speech`, {
      ...chat(speech),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${at.keys[0]}` },
    })
    const relayed = await fetch(`${at.url}/v1/audio/speech`, chat(speech))
    expect(relayed.status).toBe(200)
    expect(relayed.headers.get('content-type')).toBe(direct.headers.get('content-type'))
    expect(digest(await relayed.arrayBuffer())).toBe(digest(await direct.arrayBuffer()))
  })

  it('invalid UTF-8 in the path is relayed byte for byte', async () => {
    const at = await stage(start)
    const client = await rawClient(at.app.port)
    client.send(
      Buffer.from('GET /v1/files/\xff\xfe%ff HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n', 'latin1'),
    )
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 40\d /)
    for (const { path } of at.sim.requests) expect(path).toContain('%ff')
  })
}

/** Tests which headers of the client are not passed on. */
function privateRequestHeaders(start: StartApp): void {
  it("the client's key, cookies, address and hop-by-hop headers do not reach the upstream", async () => {
    const at = await stage(start, { gateway: { clientKeys: ['canary-client-key'] } })
    const client = await rawClient(at.app.port)
    client.send(
      [
        'GET /v1/models HTTP/1.1',
        'host: gateway.canary',
        'Authorization: Bearer canary-client-key',
        'X-Api-Key: canary-client-key',
        'Cookie: session=canary',
        'Forwarded: for=canary',
        'X-Forwarded-For: 10.9.8.7, canary',
        'X-Forwarded-Host: canary',
        'X-Real-IP: canary',
        'Via: 1.1 canary',
        'Proxy-Authorization: Basic canary',
        'TE: trailers',
        'Keep-Alive: timeout=canary',
        'X-Hop: canary',
        'Connection: close, x-hop',
        'X-Own: one',
        'X-Own: two',
        'User-Agent: tests/1.0',
        '',
        '',
      ].join('\r\n'),
    )
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 200 /)
    const { rawHeaders, headers } = onlyRequest(at)
    expect(rawHeaders.join('\n')).not.toContain('canary')
    expect(rawHeaders.join('\n')).not.toContain('10.9.8.7')
    expect(at.keys.map((key) => `Bearer ${key}`)).toContain(headers.authorization)
    expect(headers['x-own']).toMatch(/one, ?two/)
    expect(headers['user-agent']).toBe('tests/1.0')
  })
}

/** Tests which headers of the upstream are not passed on. */
function privateAnswerHeaders(start: StartApp): void {
  it("the upstream's cookies and hop-by-hop headers do not reach the client", async () => {
    const at = await stage(start)
    at.sim.settings.update({ setCookie: 'canary=1' })
    const headers = { 'x-kept': 'yes', 'access-control-allow-origin': '*', 'keep-alive': 'timeout=77' }
    at.sim.faults.add({ fault: { kind: 'headers', headers } })
    const answer = await fetch(`${at.url}/v1/models`)
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(answer.headers.get('x-kept')).toBe('yes')
    expect(answer.headers.get('keep-alive')).not.toBe('timeout=77')
    expect(answer.headers.has('access-control-allow-origin')).toBe(false)
    await answer.arrayBuffer()
  })
}

function digest(bytes: ArrayBuffer): string {
  return createHash('sha256').update(Buffer.from(bytes)).digest('hex')
}
