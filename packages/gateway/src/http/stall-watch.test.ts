import { type Runtime, systemRuntime } from '@sfpool/core'
import { expect, it } from 'vitest'
import { StallWatch, type Watched } from './stall-watch.js'

/** A clock that a test moves, with at most one timer. */
function clock() {
  let now = 5_000
  let alarm: { at: number; run: () => void } | undefined
  const runtime: Pick<Runtime, 'monotonic' | 'setTimer'> = {
    ...systemRuntime,
    monotonic: () => now,
    setTimer: (run, delayMs) => {
      expect(alarm).toBeUndefined()
      alarm = { at: now + delayMs, run }
      return alarm
    },
  }
  const advance = (ms: number): void => {
    const end = now + ms
    while (alarm !== undefined && alarm.at <= end) {
      const { at, run } = alarm
      now = at
      alarm = undefined
      run()
    }
    now = end
  }
  return { runtime, advance, isIdle: () => alarm === undefined }
}

function watchedThing(): Watched & { figure: number | null; stalls: number } {
  return {
    figure: 0,
    stalls: 0,
    seenMovement: 0,
    seenAt: 0,
    movement() {
      return this.figure
    },
    onStall() {
      this.stalls++
    },
  }
}

it('what does not go on is found stalled after the time allowed, and once', () => {
  const { runtime, advance, isIdle } = clock()
  const watch = new StallWatch(60_000, runtime)
  const thing = watchedThing()
  watch.add(thing)
  advance(59_999)
  expect(thing.stalls).toBe(0)
  advance(15_001)
  expect(thing.stalls).toBe(1)
  advance(600_000)
  expect([thing.stalls, watch.size, isIdle()]).toEqual([1, 0, true])
})

it('what goes on by a single byte a minute is never found stalled', () => {
  const { runtime, advance } = clock()
  const watch = new StallWatch(60_000, runtime)
  const thing = watchedThing()
  watch.add(thing)
  for (let minute = 1; minute < 100; minute++) {
    thing.figure = minute
    advance(59_000)
  }
  expect(thing.stalls).toBe(0)
})

it('what is removed, or waits for nothing any more, is not found stalled', () => {
  const { runtime, advance, isIdle } = clock()
  const watch = new StallWatch(60_000, runtime)
  const [removed, finished] = [watchedThing(), watchedThing()]
  watch.add(removed)
  watch.add(finished)
  watch.remove(removed)
  finished.figure = null
  advance(600_000)
  expect([removed.stalls, finished.stalls, watch.size, isIdle()]).toEqual([0, 0, 0, true])
})

it('a watch without a time limit watches nothing', () => {
  const { runtime, isIdle } = clock()
  const watch = new StallWatch(0, runtime)
  watch.add(watchedThing())
  expect([watch.size, isIdle()]).toEqual([0, true])
})
