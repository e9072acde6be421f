import { describe, expect, it, vi } from 'vitest'
import { poolOptions } from './pool-options.js'

describe('poolOptions: timeouts', () => {
  it('poolOptions takes timeouts from the file, and a flag replaces the timeout of its phase', () => {
    const timeouts = { idle: 5, total: 7, models: { slow: { idle: 9 } } }
    expect(poolOptions({ timeouts, timeoutIdle: 1 })).toEqual({
      timeouts: { idle: 1, total: 7, models: { slow: { idle: 9 } } },
    })
  })

  it('poolOptions takes timeouts from the flags alone when the file has none', () => {
    expect(poolOptions({ timeoutFirstByte: 0 })).toMatchObject({ timeouts: { firstByte: 0 } })
    expect(poolOptions({ timeoutStalled: 9 })).toMatchObject({ timeouts: { stalled: 9 } })
  })

  it('poolOptions passes wrong timeouts to the pool, which refuses them', () => {
    expect(poolOptions({ timeouts: 5, timeoutIdle: 1 })).toEqual({ timeouts: 5 })
  })
})

describe('poolOptions: checks', () => {
  it('poolOptions takes the check schedule from the file, and flags win', () => {
    expect(
      poolOptions({ checks: { afterCalls: 5, jitter: 0 }, checkAfterCalls: 10, checkEvery: 60_000 }),
    ).toEqual({
      checks: { afterCalls: 10, jitter: 0, everyMs: 60_000 },
    })
    expect(poolOptions({})).toEqual({})
  })
})

describe('poolOptions: sites', () => {
  const siliconflow = vi.fn((given: object) => given as never)

  it('poolOptions makes a provider from the addresses of both sites', () => {
    const sites = { cn: 'http://127.0.0.1:1', com: 'http://127.0.0.1:2' }
    expect(poolOptions({ sites, site: 'com' }, siliconflow)).toEqual({ provider: { sites, site: 'com' } })
  })

  it('poolOptions prefers a baseUrl over the addresses of both sites', () => {
    expect(poolOptions({ sites: {}, baseUrl: 'http://127.0.0.1:3' }, siliconflow)).toEqual({
      baseURL: 'http://127.0.0.1:3',
    })
  })
})

describe('poolOptions: provider', () => {
  const siliconflow = vi.fn((given: object) => given as never)

  it('poolOptions passes the provider on, beside its address', () => {
    expect(poolOptions({ provider: 'deepseek', baseUrl: 'http://127.0.0.1:3' }, siliconflow)).toEqual({
      provider: 'deepseek',
      baseURL: 'http://127.0.0.1:3',
    })
  })

  it('poolOptions makes no SiliconFlow of another provider for the sake of its sites', () => {
    expect(poolOptions({ provider: 'openai', sites: {} }, siliconflow)).toEqual({ provider: 'openai' })
  })
})
