import { describe, expect, it } from 'vitest'
import { chat, stage } from '../testing/stage.js'
import { isForeignPage } from './browser-guard.js'

describe('a request comes from a page of somebody else', () => {
  it.each([
    ['127.0.0.1:3838', 'https://evil.example'],
    ['127.0.0.1:3838', 'http://127.0.0.1.evil.example:3838'],
    ['localhost:3838', 'http://localhost.evil.example'],
    ['localhost', 'null'],
    ['localhost', 'http://user@localhost'],
    ['evil.example:3838', undefined],
    ['evil.example', 'http://evil.example'],
    ['', undefined],
  ])('when its host is %j and its origin %j', (host, origin) => {
    expect(isForeignPage({ host, origin })).toBe(true)
  })
})

describe('a request comes from this machine', () => {
  it.each([
    ['127.0.0.1:3838', undefined],
    ['localhost', undefined],
    ['[::1]:3838', undefined],
    ['LOCALHOST:1', 'HTTP://localhost:5173'],
    ['localhost:3838', 'http://127.0.0.1:8080'],
    ['localhost:3838', 'http://tauri.localhost'],
    ['localhost:3838', 'app://desktop'],
    ['localhost:3838', 'chrome-extension://abcdef'],
    [undefined, undefined],
  ])('when its host is %j and its origin %j', (host, origin) => {
    expect(isForeignPage({ host, origin })).toBe(false)
  })
})

describe('a gateway for this machine only', () => {
  const host = '127.0.0.1:3838'
  const origin = 'https://evil.example'

  it('lets no page of somebody else spend its keys, and says what to set', async () => {
    const { ask, sim } = await stage({ localOnly: true })
    const foreign = await ask('/v1/chat/completions', { ...chat(), headers: { host, origin } })
    expect(foreign.status).toBe(403)
    const { error } = (await foreign.json()) as { error: { code: string; message: string } }
    expect(error.code).toBe('foreign_origin')
    expect(error.message).toContain('--client-key')
    expect((await ask('/stats', { headers: { host: 'evil.example' } })).status).toBe(403)
    expect(sim.requests).toHaveLength(0)
  })

  it('serves programs, and pages whose origin is listed', async () => {
    const { ask } = await stage({ localOnly: true, cors: [origin] })
    expect((await ask('/v1/models', { headers: { host } })).status).toBe(200)
    expect((await ask('/v1/models', { headers: { host, origin } })).status).toBe(200)
    expect((await ask('/v1/models', { headers: { host, origin: 'https://other.example' } })).status).toBe(403)
  })
})

it('a mounted gateway leaves it to its app who may call', async () => {
  const { ask } = await stage()
  const headers = { host: 'app.example', origin: 'https://app.example' }
  expect((await ask('/v1/models', { headers })).status).toBe(200)
})
