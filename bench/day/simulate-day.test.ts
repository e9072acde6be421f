import { describe, expect, it } from 'vitest'
import { isLongRun, sized } from '../../packages/core/src/testing/sized.js'
import { type DriverContext, oracleDriver, poolDriver, roundRobinDriver } from './drivers.mjs'
import { simulateDay } from './simulate-day.mjs'
import { VirtualTime } from './virtual-time.mjs'

const minutes = sized(30, 120)
const day = { seed: 7, hours: minutes / 60 }
/** Limits are learned by refusals, so a short time has a larger share of them. */
const mostRefused = isLongRun ? 0.025 : 0.04

describe.each(['sliding', 'fixed'] as const)(`${minutes} simulated minutes with %s windows`, (window) => {
  it('a pool without given limits serves nearly as much as an oracle', async () => {
    const reachable = await simulateDay(oracleDriver, { ...day, window, metering: 'reserve' })
    const ours = await simulateDay((context: DriverContext) => poolDriver(context), {
      ...day,
      window,
      metering: 'after',
    })
    expect(reachable.refusals).toBe(0)
    expect(ours.asked).toBe(reachable.asked)
    // The limits are found in the first hours; the bench runs the whole day.
    expect(ours.served / reachable.served).toBeGreaterThan(0.93)
    expect(ours.refusals / ours.calls).toBeLessThan(mostRefused)
    expect(ours.fairness).toBeGreaterThan(0.95)
  })
})

describe('a simulated day', () => {
  it('a simulated day gives the same figures every time', async () => {
    const plain = (context: DriverContext) => roundRobinDriver(context, { tries: 3, cooldownMs: 0 })
    const rules = { seed: 3, hours: 0.25, window: 'sliding', metering: 'after' } as const
    const figures = await simulateDay(plain, rules)
    expect(await simulateDay(plain, rules)).toEqual(figures)
    expect(figures.served).toBeGreaterThan(1_000)
    expect(figures.refusals / figures.calls).toBeGreaterThan(0.1)
  })
})

describe('virtual time', () => {
  it('VirtualTime runs events in order, and settles promises before the next event', async () => {
    const time = new VirtualTime({ startAt: 1_000, seed: 1 })
    const events: string[] = []
    time.at(3_000, () => void events.push(`late at ${time.now()}`))
    time.at(2_000, () => {
      void Promise.resolve().then(() => events.push(`promise at ${time.now()}`))
      time.at(2_000, () => void events.push(`same instant at ${time.now()}`))
    })
    const timer = time.runtime.setTimer(() => events.push('cleared'), 500)
    time.runtime.clearTimer(timer)
    time.runtime.setTimer(() => events.push(`timer at ${time.now()}`), 1_500)
    await time.runUntil(5_000)
    expect(events).toEqual(['promise at 2000', 'same instant at 2000', 'timer at 2500', 'late at 3000'])
    expect(time.now()).toBe(5_000)
  })
})
