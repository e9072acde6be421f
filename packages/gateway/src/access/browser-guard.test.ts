import { describe, expect, it } from 'vitest'
import { chat, stage } from '../testing/stage.js'
import { isForeignPage } from './browser-guard.js'

describe('a request of a foreign page', () => {
  it.each([
    ['127.0.0.1:3838', 'https://evil.example'],
    ['127.0.0.1:3838', 'http://127.0.0.1.evil.example:3838'],
    ['localhost:3838', 'http://localhost.evil.example'],
    ['localhost', 'null'],
    ['localhost', 'http://user@localhost'],
    ['evil.example:3838', undefined],
    ['evil.example', 'http://evil.example'],
    ['', undefined],
  ])('a request with host %j and origin %j comes from a foreign page', (host, origin) => {
    expect(isForeignPage({ host, origin })).toBe(true)
  })
})

describe('a request of this machine', () => {
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
  ])('a request with host %j and origin %j comes from this machine', (host, origin) => {
    expect(isForeignPage({ host, origin })).toBe(false)
  })
})

describe('a gateway for this machine only', () => {
  const host = '127.0.0.1:3838'
  const origin = 'https://evil.example'

  it('a gateway for this machine only refuses foreign pages and says what to set', async () => {
    const { ask, sim } = await stage({ localOnly: true })
    const foreign = await ask('/v1/chat/completions', { ...chat(), headers: { host, origin } })
    expect(foreign.status).toBe(403)
    const { error } = (await foreign.json()) as { error: { code: string; message: string } }
    expect(error.code).toBe('foreign_origin')
    expect(error.message).toContain('--client-key')
    expect((await ask('/stats', { headers: { host: 'evil.example' } })).status).toBe(403)
    expect(sim.requests).toHaveLength(0)
  })

  it('a gateway for this machine only serves programs, and pages whose origin is listed', async () => {
    const { ask } = await stage({ localOnly: true, cors: [origin] })
    expect((await ask('/v1/models', { headers: { host } })).status).toBe(200)
    expect((await ask('/v1/models', { headers: { host, origin } })).status).toBe(200)
    expect((await ask('/v1/models', { headers: { host, origin: 'https://other.example' } })).status).toBe(403)
  })
})

it('a mounted gateway lets its app decide which pages may call', async () => {
  const { ask } = await stage()
  const headers = { host: 'app.example', origin: 'https://app.example' }
  expect((await ask('/v1/models', { headers })).status).toBe(200)
})
