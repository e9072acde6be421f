import { describe, expect, it } from 'vitest'
import { completedRuntime, systemRuntime } from './runtime.js'

describe('the completed runtime', () => {
  it('is the system where nothing is given', () => {
    expect(completedRuntime()).toEqual(systemRuntime)
  })

  it('takes its monotonic clock from a given wall clock, on which time never goes back', () => {
    let wall = 1_000_000
    const { now, monotonic } = completedRuntime({ now: () => wall })
    const start = monotonic()
    wall += 500
    expect(monotonic() - start).toBe(500)
    wall -= 3_600_000
    expect(monotonic() - start).toBe(500)
    wall += 20
    expect(monotonic() - start).toBe(520)
    expect(now()).toBe(wall)
  })

  it('keeps a monotonic clock that is given beside the wall clock', () => {
    expect(completedRuntime({ now: () => 1, monotonic: () => 2 }).monotonic()).toBe(2)
  })
})
