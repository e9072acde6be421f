import { describe, expect, it, vi } from 'vitest'
import { poolOptions } from './pool-options.js'

describe('the timeouts of the pool', () => {
  it('are those of the file, each flag in the place of its phase', () => {
    const timeouts = { idle: 5, total: 7, models: { slow: { idle: 9 } } }
    expect(poolOptions({ timeouts, timeoutIdle: 1 })).toEqual({
      timeouts: { idle: 1, total: 7, models: { slow: { idle: 9 } } },
    })
  })

  it('are those of the flags alone without a file', () => {
    expect(poolOptions({ timeoutFirstByte: 0 })).toMatchObject({ timeouts: { firstByte: 0 } })
  })

  it('are left to the pool to refuse when they are none', () => {
    expect(poolOptions({ timeouts: 5, timeoutIdle: 1 })).toEqual({ timeouts: 5 })
  })
})

describe('the schedule of checks', () => {
  it('is that of the file, with the flags before it', () => {
    expect(
      poolOptions({ checks: { afterCalls: 5, jitter: 0 }, checkAfterCalls: 10, checkEvery: 60_000 }),
    ).toEqual({
      checks: { afterCalls: 10, jitter: 0, everyMs: 60_000 },
    })
    expect(poolOptions({})).toEqual({})
  })
})

describe('addresses for both sites', () => {
  const siliconflow = vi.fn((given: object) => given as never)

  it('make a provider of their own', () => {
    const sites = { cn: 'http://127.0.0.1:1', com: 'http://127.0.0.1:2' }
    expect(poolOptions({ sites, site: 'com' }, siliconflow)).toEqual({ provider: { sites, site: 'com' } })
  })

  it('give way to an address for one', () => {
    expect(poolOptions({ sites: {}, baseUrl: 'http://127.0.0.1:3' }, siliconflow)).toEqual({
      baseURL: 'http://127.0.0.1:3',
    })
  })
})
