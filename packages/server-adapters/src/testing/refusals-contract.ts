import { describe, expect, it, vi } from 'vitest'
import type { StartApp } from './app.js'
import { rawClient } from './raw-client.js'
import { chat, onlyRequest, type StageOptions, stage } from './stage.js'

/** Tests what the gateway refuses, and that the client can read why. */
export function refusalsContract(start: StartApp): void {
  describe('a request that the gateway refuses', () => {
    refusedClients(start)
    guessedKeys(start)
    refusedBodies(start)
    refusedTargets(start)
    refusedMethods(start)
    ambiguousRequests(start)
  })

  describe('an error before the answer', () => {
    passedErrors(start)
  })
}

/** Tests that client keys are asked for. */
function refusedClients(start: StartApp): void {
  it('a client is refused without a key and admitted with one', async () => {
    const at = await stage(start, {
      gateway: { clientKeys: ['client-key-one'], adminKey: 'the-admin-key' },
    })
    const refused = await fetch(`${at.url}/v1/chat/completions`, chat())
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toContain('Bearer')
    expect(await refused.json()).toMatchObject({ error: { code: 'invalid_client_key' } })
    expect(at.sim.requests).toHaveLength(0)
    for (const headers of [
      { authorization: 'Bearer client-key-one' },
      { 'x-api-key': 'client-key-one' },
      { authorization: 'Bearer the-admin-key' },
    ]) {
      expect((await fetch(`${at.url}/v1/models`, { headers })).status).toBe(200)
    }
    expect((await fetch(`${at.url}/v1/models?api_key=client-key-one&key=client-key-one`)).status).toBe(401)
  })
}

/** Tests that keys cannot be guessed quickly. */
function guessedKeys(start: StartApp): void {
  it('wrong client and admin keys of one address are answered ever later, a right key at once', async () => {
    const delays: number[] = []
    const held: (() => void)[] = []
    const setTimer = (run: () => void, delayMs: number): null => {
      delays.push(delayMs)
      held.push(run)
      return null
    }
    const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn(), isLevelEnabled: () => true }
    const at = await stage(start, {
      gateway: {
        clientKeys: ['client-key-one'],
        adminKey: 'the-admin-key',
        runtime: { now: () => 0, setTimer },
        logger: log as unknown as NonNullable<StageOptions['gateway']>['logger'],
      },
    })
    const ask = (path: string, key: string) => fetch(`${at.url}${path}`, { headers: { 'x-api-key': key } })
    for (let count = 0; count < 5; count++) {
      expect((await ask('/v1/models', `guess-${count}`)).status).toBe(401)
      expect((await ask('/admin/api/keys', `guess-${count}`)).status).toBe(401)
    }
    expect(delays).toEqual([])
    const slowed = [ask('/v1/models', 'one-more'), ask('/admin/api/keys', 'another'), ask('/stats', 'third')]
    await vi.waitFor(() => expect(held).toHaveLength(3), { timeout: 60_000 })
    expect(delays).toEqual([100, 200, 400])
    expect((await ask('/v1/models', 'client-key-one')).status).toBe(200)
    expect((await ask('/admin/api/keys', 'the-admin-key')).status).toBe(200)
    expect(delays).toHaveLength(3)
    for (const run of held) run()
    for (const answer of await Promise.all(slowed)) expect(answer.status).toBe(401)
    expect(log.info.mock.calls[0]?.[0]).toMatchObject({ code: 'invalid_client_key', address: '127.0.0.1' })
  })
}

/** Tests the limit on bodies. */
function refusedBodies(start: StartApp): void {
  it('a body that declares too large a length is refused before it is read', async () => {
    const at = await stage(start, { gateway: { maxBody: 1000 } })
    const client = await rawClient(at.app.port)
    client.send('POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 1001\r\n\r\n')
    const head = await client.until(/body_too_large.*\}\}$/s)
    expect(head).toMatch(/^HTTP\/1\.1 413 /)
    expect(head.toLowerCase()).toContain('connection: close')
    client.send(Buffer.alloc(1001, 'x'))
    await client.closed()
    expect(at.sim.requests).toHaveLength(0)
  })

  it('a chunked body is refused once it is too large, and its client can read the answer while it still sends', async () => {
    const at = await stage(start, { gateway: { maxBody: 1000 } })
    const client = await rawClient(at.app.port)
    client.send('POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n')
    for (let sent = 0; sent < 11; sent++) client.send(`64\r\n${'x'.repeat(100)}\r\n`)
    expect(await client.until(/body_too_large.*\}\}$/s)).toMatch(/^HTTP\/1\.1 413 /)
    for (let sent = 0; sent < 200; sent++) client.send(`64\r\n${'x'.repeat(100)}\r\n`)
    client.send('0\r\n\r\n')
    await client.closed()
    expect(at.sim.requests).toHaveLength(0)
  })

  it('a chunked body that becomes too large on its way to the upstream is refused', async () => {
    const at = await stage(start, { gateway: { maxBody: 100_000 }, pool: { replayLimit: 1000 } })
    const client = await rawClient(at.app.port)
    client.send('POST /v1/anything HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n')
    for (let sent = 0; sent < 101; sent++) client.send(`3e8\r\n${'x'.repeat(1000)}\r\n`)
    expect(await client.until(/body_too_large.*\}\}$/s)).toMatch(/^HTTP\/1\.1 413 /)
    client.send('0\r\n\r\n')
    await client.closed()
    expect(at.pool.stats().keys.ready).toBe(2)
  })
}

/** Tests targets and requests that are not as usual. */
function refusedTargets(start: StartApp): void {
  it('a path that could leave the base path is refused', async () => {
    const at = await stage(start)
    for (const path of ['/v1/../admin', '/v1/%2e%2e/x', '/v1/..%2fx']) {
      const client = await rawClient(at.app.port)
      client.send(`GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
      expect(await client.closed()).toMatch(/^HTTP\/1\.1 40[04] /)
    }
    expect(at.sim.requests).toHaveLength(0)
  })

  it('a target in absolute form is relayed without its origin', async () => {
    const at = await stage(start)
    const client = await rawClient(at.app.port)
    client.send(
      'GET http://other.example/v1/models HTTP/1.1\r\nhost: other.example\r\nconnection: close\r\n\r\n',
    )
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 200 /)
    expect(onlyRequest(at)).toMatchObject({ path: '/v1/models' })
  })

  it('a request that HTTP forbids is refused: two lengths, headers without end', async () => {
    const at = await stage(start)
    const twice = await rawClient(at.app.port)
    twice.send('POST /v1/models HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab')
    expect(await twice.closed()).toMatch(/^HTTP\/1\.1 400 /)
    const endless = await rawClient(at.app.port)
    endless.send(`GET /v1/models HTTP/1.1\r\n${'x-a: b\r\n'.repeat(10_000)}\r\n`)
    expect(await endless.closed()).toMatch(/^(?:HTTP\/1\.1 431 |$)/)
    expect(at.sim.requests).toHaveLength(0)
    expect((await fetch(`${at.url}/v1/models`)).status).toBe(200)
  })
}

/** Tests requests that two servers could read differently. */
function ambiguousRequests(start: StartApp): void {
  const chunk = '0\r\n\r\n'
  it.each([
    ['two Host headers', 'host: a\r\nhost: b\r\n\r\n'],
    ['the same Host header twice', 'host: a\r\nHost: a\r\n\r\n'],
    ['TE: identity, chunked', 'host: a\r\nte: identity, chunked\r\n\r\n'],
    [
      'Transfer-Encoding: identity, chunked',
      `host: a\r\ntransfer-encoding: identity, chunked\r\n\r\n${chunk}`,
    ],
    ['Transfer-Encoding: gzip, chunked', `host: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n${chunk}`],
    [
      'Transfer-Encoding twice',
      `host: a\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n${chunk}`,
    ],
  ])(
    'a request with %s is answered with 400 on a connection that ends, and is not relayed',
    async (_, headers) => {
      const at = await stage(start)
      const client = await rawClient(at.app.port)
      client.send(`POST /v1/chat/completions HTTP/1.1\r\n${headers}`)
      expect(await client.closed()).toMatch(/^HTTP\/1\.1 400 /)
      expect(at.sim.requests).toHaveLength(0)
    },
  )
}

/** Tests methods that no route takes. */
function refusedMethods(start: StartApp): void {
  it.each(['/v1/chat/completions', '/v1/models', '/healthz', '/'])(
    'TRACE, which would show the key of the pool, is refused on %s and does not reach the upstream',
    async (path) => {
      const at = await stage(start)
      const client = await rawClient(at.app.port)
      client.send(`TRACE ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
      const answer = await client.closed()
      expect(answer).toMatch(/^HTTP\/1\.1 405 .*\r\n/)
      expect(answer.toLowerCase()).toContain('\r\nallow: get, head, post')
      expect(answer).toContain('"code":"method_not_allowed"')
      expect(at.sim.requests).toHaveLength(0)
    },
  )

  it.each([
    ['CONNECT', 'upstream.example:443'],
    ['TRACK', '/v1/models'],
  ])('%s is refused or its connection closed, and it does not reach the upstream', async (method, target) => {
    const at = await stage(start)
    const client = await rawClient(at.app.port)
    client.send(`${method} ${target} HTTP/1.1\r\nhost: a\r\n\r\n`)
    expect(await client.closed()).toMatch(/^(?:HTTP\/1\.1 4\d\d |$)/)
    expect(at.sim.requests).toHaveLength(0)
  })
}

/** Tests errors that the client gets instead of an answer. */
function passedErrors(start: StartApp): void {
  it('an error of the upstream is passed on in the shape that SDKs read', async () => {
    const at = await stage(start)
    const answer = await fetch(`${at.url}/v1/chat/completions`, chat({ model: 'no/such-model' }))
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 20012, error: { message: expect.any(String) } })
  })

  it('an unreachable upstream is answered with 502, and an empty pool with 503', async () => {
    const at = await stage(start)
    at.sim.faults.add({ fault: { kind: 'reset', at: 'before-headers' } })
    expect((await fetch(`${at.url}/v1/models`)).status).toBe(502)
    await at.pool.keys.remove(at.pool.keys.list().map(({ id }) => id))
    const empty = await fetch(`${at.url}/v1/models`)
    expect(empty.status).toBe(503)
    expect(await empty.json()).toMatchObject({ error: { code: 'no_keys' } })
  })
}
