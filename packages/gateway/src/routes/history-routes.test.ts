import type { PoolOptions } from '@sfpool/core'
import { describe, expect, it } from 'vitest'
import { chat, stage } from '../testing/stage.js'

const admin = { authorization: 'Bearer the-admin-key' }
const client = { authorization: 'Bearer client-key-one' }
const guarded = { clientKeys: ['client-key-one'], adminKey: 'the-admin-key' }
const model = 'Qwen/Qwen3-8B'

/** A gateway that has answered so many chats. */
async function busy(count: number, poolOptions: PoolOptions = {}) {
  const staged = await stage(guarded, poolOptions)
  for (let n = 0; n < count; n++) {
    const request = chat()
    const headers = { ...(request.headers as Record<string, string>), ...client }
    await (await staged.ask('/v1/chat/completions', { ...request, headers })).text()
  }
  const get = async (path: string) => {
    const answer = await staged.ask(path, { headers: admin })
    return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.json() }
  }
  return { ...staged, get }
}

describe('GET /admin/api/history', () => {
  it('history tells a figure by step and name, with what has just happened in it', async () => {
    const { get } = await busy(3)
    const { status, body } = await get('/admin/api/history?metric=requests&window=1h&by=model')
    expect(status).toBe(200)
    expect(body).toMatchObject({ metric: 'requests', step: 60, series: [{ name: model }] })
    const { points } = (body as { series: [{ points: [string, number][] }] }).series[0]
    expect(points).toHaveLength(60)
    expect(points.reduce((sum, [, value]) => sum + value, 0)).toBe(3)
    expect(points[0]?.[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z$/)
  })

  it('money is a decimal string, and a step is asked for in seconds', async () => {
    const { get } = await busy(1)
    const { body } = await get('/admin/api/history?metric=cost&window=24h&step=7200')
    expect(body).toMatchObject({ step: 7_200, series: [{ name: 'all', currency: 'CNY' }] })
    const { points } = (body as { series: [{ points: [string, string][] }] }).series[0]
    for (const [, value] of points) expect(value).toMatch(/^\d+\.\d\d+$/)
  })

  it.each([
    ['metric=speed', 'metric', /^must be one of requests/, 'speed'],
    ['', 'metric', /^is needed/, null],
    ['metric=requests&step=soon', 'step', /^must be one of 60/, 'soon'],
    ['metric=requests&step=61', 'step', /^must be one of 60/, 61],
    ['metric=requests&window=forever', 'window', /^must be a length of time/, 'forever'],
    ['metric=balance&by=model', 'by', /^must be none or account/, 'model'],
    ['metric=requests&colour=red', 'colour', /^is not an option/, 'red'],
  ])('the query %j is refused with field, rule and value', async (query, path, rule, received) => {
    const { get } = await busy(0)
    const { status, type, body } = await get(`/admin/api/history?${query}`)
    expect([status, type]).toEqual([422, 'application/problem+json'])
    expect(body).toMatchObject({
      status: 422,
      errors: [{ path, rule: expect.stringMatching(rule), received }],
    })
  })

  it('a pool without history says so', async () => {
    const { get } = await busy(0, { history: false })
    expect(await get('/admin/api/history?metric=requests')).toMatchObject({
      status: 404,
      body: { title: 'This pool keeps no history' },
    })
  })

  it.each(['/admin/api/history?metric=requests', '/admin/api/figures'])(
    '%s is for admins alone',
    async (path) => {
      const { ask } = await stage(guarded)
      expect((await ask(path)).status).toBe(401)
      expect((await ask(path, { headers: client })).status).toBe(403)
    },
  )
})

describe('GET /admin/api/figures', () => {
  it('figures tell all of a window by name, and the rates of now', async () => {
    const { get, keys } = await busy(4)
    const { body } = await get('/admin/api/figures?window=5m&by=key')
    expect(body).toMatchObject({
      window: '5m',
      by: 'key',
      total: { name: 'all', requests: 4, successes: 4, errors: 0 },
      rates: { rpm: 4, rpd: 4 },
    })
    const { rows } = body as { rows: { key: string; requests: number }[] }
    expect(rows.reduce((sum, { requests }) => sum + requests, 0)).toBe(4)
    expect(rows[0]?.key).toMatch(/…/)
    for (const key of keys) expect(JSON.stringify(body)).not.toContain(key)
  })
})
