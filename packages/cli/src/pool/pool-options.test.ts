import { describe, expect, it } from 'vitest'
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
