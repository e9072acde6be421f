import { describe, expect, it } from 'vitest'
import { PoolGrowth } from './pool-growth.js'

const now = Date.UTC(2026, 8, 1, 12)

describe('trials beyond learned limits', () => {
  it('begin with one, and double with each that is served', () => {
    const growth = new PoolGrowth()
    expect(growth.isOpen(now)).toBe(true)
    growth.begin()
    expect(growth.opensAt(now)).toBe(Number.POSITIVE_INFINITY)
    growth.served()
    expect(growth.factor).toBe(2)
    growth.begin()
    expect(growth.isOpen(now)).toBe(true)
    growth.begin()
    expect(growth.isOpen(now)).toBe(false)
  })

  it('end with the first refusal, for twice as long each time up to ten minutes', () => {
    const growth = new PoolGrowth()
    let at = now
    const waits = Array.from({ length: 12 }, () => {
      growth.begin()
      growth.refused(at)
      const waitMs = growth.opensAt(at) - at
      at += waitMs
      return waitMs / 1_000
    })
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600])
  })

  it('go on after an attempt that says nothing of the limit', () => {
    const growth = new PoolGrowth()
    growth.begin()
    growth.ended()
    expect(growth.isOpen(now)).toBe(true)
    expect(growth.factor).toBe(1)
  })

  it('are not kept away by a clock that is set back', () => {
    const growth = new PoolGrowth()
    growth.begin()
    growth.refused(now)
    expect(growth.opensAt(now - 86_400_000)).toBe(now - 86_400_000 + 600_000)
  })
})
