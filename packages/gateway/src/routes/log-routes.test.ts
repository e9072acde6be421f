import { memoryStore } from '@sfpool/core'
import { describe, expect, it } from 'vitest'
import { AppLog } from '../log/app-log.js'
import { chat, stage } from '../testing/stage.js'

const admin = { authorization: 'Bearer the-admin-key' }

async function staged(poolOptions: Parameters<typeof stage>[1] = {}) {
  const logger = new AppLog({ output: false })
  const made = await stage({ adminKey: 'the-admin-key', clientKeys: ['a-client-key'], logger }, poolOptions)
  const read = async (query = '') => {
    const answer = await made.ask(`/admin/api/requests${query}`, { headers: admin })
    return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.json() }
  }
  const call = async (extra: Record<string, unknown> = {}, headers: Record<string, string> = {}) => {
    const init = chat(extra)
    const all = { ...(init.headers as object), authorization: 'Bearer a-client-key', ...headers }
    await (
      await made.ask('/v1/chat/completions?secret=canary-query', { ...init, headers: all })
    ).arrayBuffer()
  }
  return { ...made, logger, read, call }
}

describe('GET /admin/api/requests', () => {
  it('the request log has a request with its attempts, tokens, cost and times', async () => {
    const { sim, pool, call, read } = await staged()
    sim.faults.add({ fault: { kind: 'error', name: 'rate-limit-tpm' }, times: 1 })
    await call({}, { 'user-agent': 'openai-node/7.0', 'x-request-id': 'trace-7' })
    const { body, status } = await read()
    expect([status, body.total, body.next]).toEqual([200, 1, null])
    const [first, second] = pool.keys.list()
    expect(body.items[0]).toEqual({
      id: 'trace-7',
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      upstream: 'default',
      client: expect.stringMatching(/^client_[0-9a-f]{16}$/),
      address: null,
      userAgent: 'openai-node/7.0',
      method: 'POST',
      path: '/v1/chat/completions',
      model: 'Qwen/Qwen3-8B',
      servedModel: 'Qwen/Qwen3-8B',
      status: 200,
      outcome: 'success',
      code: null,
      attempts: [
        {
          key: first?.id,
          account: first?.account,
          outcome: 'rate-limited',
          status: 429,
          ms: expect.any(Number),
        },
        {
          key: second?.id,
          account: second?.account,
          outcome: 'success',
          status: 200,
          ms: expect.any(Number),
        },
      ],
      durationMs: expect.any(Number),
      ttftMs: expect.any(Number),
      promptTokens: expect.any(Number),
      completionTokens: expect.any(Number),
      cost: expect.stringMatching(/^\d+\.\d\d/),
      currency: 'CNY',
      bytes: expect.any(Number),
    })
  })

  it('the request log holds no prompt, no answer, no query and no secret', async () => {
    const { keys, call, read } = await staged()
    await call({ messages: [{ role: 'user', content: 'canary-prompt' }], user: 'canary-user' })
    await call({ model: 'canary-model-sk-abcdefghijklmnopqrstuvwxyz' })
    const text = JSON.stringify((await read()).body)
    expect(JSON.parse(text).total).toBe(2)
    for (const secret of [
      'canary-prompt',
      'canary-user',
      'canary-query',
      'a-client-key',
      'ghijklmnop',
      ...keys,
    ])
      expect(text).not.toContain(secret)
  })

  it('the request log is filtered, and read page by page in either order', async () => {
    const { call, read } = await staged()
    for (const id of ['a', 'b', 'c']) await call({}, { 'x-request-id': id })
    await call({ model: 'no/such-model' }, { 'x-request-id': 'd' })
    const ids = (page: { items: { id: string }[] }): string[] => page.items.map(({ id }) => id)
    const first = (await read('?status=2xx&limit=2')).body
    expect([ids(first), first.total]).toEqual([['c', 'b'], 3])
    expect(ids((await read(`?status=2xx&limit=2&cursor=${first.next}`)).body)).toEqual(['a'])
    expect(ids((await read('?sort=at&limit=1')).body)).toEqual(['a'])
    expect(ids((await read('?model=no/such-model')).body)).toEqual(['d'])
    expect(ids((await read('?from=2999-01-01')).body)).toEqual([])
    expect(ids((await read('?q=C&to=2999-01-01T00:00:00Z')).body)).toContain('c')
  })

  it('a request that the gateway refused after it let the client in is kept, one without a key is not', async () => {
    const { ask, read, gateway } = await staged()
    const headers = { authorization: 'Bearer a-client-key', 'content-length': String(2 ** 40) }
    await gateway.fetch(new Request('http://x/v1/chat/completions', { ...chat(), headers }))
    await ask('/v1/models')
    const { body } = await read()
    expect(body.total).toBe(1)
    expect(body.items[0]).toMatchObject({ code: 'body_too_large', status: 413, attempts: [], model: null })
  })

  it.each([
    ['?status=abc', 'status', 'must be status codes or classes, as in 200,429,5xx'],
    ['?status=1', 'status', 'must be status codes or classes, as in 200,429,5xx'],
    ['?outcome=fine', 'outcome', /^must be one or more of success/],
    ['?from=yesterday', 'from', /^must be an instant/],
    ['?to=2026-13-40', 'to', /^must be an instant/],
    ['?limit=0', 'limit', 'must be from 1 to 1000'],
    ['?limit=1001', 'limit', 'must be from 1 to 1000'],
    ['?cursor=-1', 'cursor', 'must be the next of a page before'],
    ['?sort=cost', 'sort', 'must be at or -at'],
    ['?prompt=x', 'prompt', /^is not a filter/],
  ])('the request log refuses %s, and names the field', async (query, path, rule) => {
    const { read } = await staged()
    const { status, type, body } = await read(query)
    expect([status, type, body.status]).toEqual([422, 'application/problem+json', 422])
    expect(body.errors).toHaveLength(1)
    expect(body.errors[0].path).toBe(path)
    expect(body.errors[0].rule).toMatch(rule)
  })

  it('the request log is for administrators', async () => {
    const { ask } = await staged()
    expect((await ask('/admin/api/requests')).status).toBe(401)
    const headers = { authorization: 'Bearer a-client-key' }
    expect((await ask('/admin/api/requests', { headers })).status).toBe(403)
  })

  it('a pool that keeps no request log says so', async () => {
    const { call, read } = await staged({ log: { keep: false } })
    await call()
    const { status, body } = await read()
    expect([status, body.title]).toEqual([404, 'Nothing is kept'])
    expect(body.detail).toContain('log.keep is false')
  })

  it('a request log that cannot be read is a 503 that says why', async () => {
    const readRequests = () => Promise.reject(new Error('a fault'))
    const { read } = await staged({ store: { ...memoryStore(), readRequests } })
    const { status, type } = await read()
    expect([status, type]).toEqual([503, 'application/problem+json'])
  })
})

describe('GET /admin/api/logs', () => {
  it('administrators read the newest lines of the application log, of a level and worse', async () => {
    const { ask, call, logger } = await staged()
    await call({}, { 'x-request-id': 'trace-7' })
    await expect.poll(() => logger.recent().total).toBe(1)
    logger.note('error', 'store: the disk is full')
    const all = await (await ask('/admin/api/logs', { headers: admin })).json()
    expect(all.items.map(({ message }: { message: string }) => message)).toContain('request')
    const worse = await (await ask('/admin/api/logs?level=error', { headers: admin })).json()
    expect(worse).toMatchObject({
      total: 1,
      items: [{ level: 'error', message: 'store: the disk is full', at: expect.any(String) }],
      next: null,
    })
  })

  it.each(['?level=loud', '?limit=0', '?cursor=x', '?q=x'])('the log refuses %s', async (query) => {
    const { ask } = await staged()
    const answer = await ask(`/admin/api/logs${query}`, { headers: admin })
    expect(answer.status).toBe(422)
    expect((await answer.json()).errors).toHaveLength(1)
  })

  it('the log is for administrators', async () => {
    const { ask } = await staged()
    expect((await ask('/admin/api/logs', { headers: { authorization: 'Bearer a-client-key' } })).status).toBe(
      403,
    )
  })
})
