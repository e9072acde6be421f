import { describe, expect, it } from 'vitest'
import { fakeRuntime } from '../testing/fake-runtime.js'
import { AlarmClock } from './alarm-clock.js'

function setUp() {
  const runtime = fakeRuntime()
  const delays: number[] = []
  const clock = new AlarmClock(
    {
      ...runtime,
      setTimer(run, delayMs) {
        delays.push(delayMs)
        return runtime.setTimer(run, delayMs)
      },
    },
    () => rings.push(clock.now()),
  )
  const rings: number[] = []
  return { runtime, clock, rings, delays, start: clock.now() }
}

describe('the alarm clock', () => {
  it('rings once, at the instant it was set for', () => {
    const { runtime, clock, rings, start } = setUp()
    clock.set(start + 50)
    runtime.advance(49)
    expect(rings).toEqual([])
    runtime.advance(1000)
    expect(rings).toEqual([start + 50])
    expect(runtime.timerCount).toBe(0)
  })

  it('has one timer, for the earliest instant', () => {
    const { runtime, clock, rings, start } = setUp()
    for (const inMs of [50, 30, 40]) clock.set(start + inMs)
    expect(runtime.timerCount).toBe(1)
    runtime.advance(100)
    expect(rings).toEqual([start + 30])
  })

  it('rings soon for an instant that is over, and may be set again while it rings', () => {
    const { runtime, clock, rings, start } = setUp()
    clock.set(start - 1000)
    runtime.advance(0)
    clock.set(start + 10)
    runtime.advance(10)
    expect(rings).toEqual([start, start + 10])
  })

  it('has no timer for what never comes, nor after it was cleared', () => {
    const { runtime, clock, rings, start } = setUp()
    clock.set(Number.POSITIVE_INFINITY)
    clock.set(Number.NaN)
    expect(runtime.timerCount).toBe(0)
    clock.set(start + 10)
    clock.clear()
    runtime.advance(20)
    expect(rings).toEqual([])
    expect(runtime.timerCount).toBe(0)
  })

  it('asks for no timer longer than Node can wait, and rings after each part of a longer wait', () => {
    const { runtime, clock, rings, delays, start } = setUp()
    const longest = 2 ** 31 - 1
    clock.set(start + longest + 5)
    runtime.advance(longest)
    expect(rings).toEqual([start + longest])
    clock.set(start + longest + 5)
    expect(delays).toEqual([longest, 5])
  })

  it('keeps what is left to wait when the wall clock is set back or forth', () => {
    const { runtime, clock, rings, start } = setUp()
    clock.set(clock.instant(runtime.now() + 5_000))
    runtime.advance(2_000)
    runtime.shiftClock(-3_600_000)
    runtime.advance(2_000)
    runtime.shiftClock(7_200_000)
    expect(rings).toEqual([])
    runtime.advance(1_000)
    expect(rings).toEqual([start + 5_000])
  })

  it('takes an instant of the wall clock as the wall clock stands now', () => {
    const { runtime, clock, start } = setUp()
    runtime.shiftClock(-3_600_000)
    expect(clock.instant(runtime.now() + 100)).toBe(start + 100)
    runtime.shiftClock(7_200_000)
    expect(clock.instant(runtime.now() + 100)).toBe(start + 100)
    expect(clock.now()).toBe(start)
  })
})
