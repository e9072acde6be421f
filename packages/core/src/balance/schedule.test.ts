import { describe, expect, it } from 'vitest'
import type { Outcome } from '../key/outcome.js'
import { fakeRuntime, promisesSettled } from '../testing/fake-runtime.js'
import { CheckSchedule, type CheckScheduleOptions, defaultCheckSchedule } from './schedule.js'

const minute = 60_000
const success: Outcome = { kind: 'success' }
const noMoney: Outcome = { kind: 'insufficient-balance', fault: 'funds' }

function setUp(options: CheckScheduleOptions = {}, ids: readonly string[] = ['a', 'b', 'c']) {
  const runtime = fakeRuntime()
  const from = runtime.now()
  const looks: [id: string, atMs: number][] = []
  const running = new Map<string, () => void>()
  let isHolding = false
  const schedule = new CheckSchedule({
    options: { ...defaultCheckSchedule, ...options },
    runtime,
    ids: () => ids,
    look: (id, signal) => {
      looks.push([id, runtime.now() - from])
      if (!isHolding) return Promise.resolve()
      return new Promise((resolve) => {
        running.set(id, resolve)
        signal.addEventListener('abort', () => resolve())
      })
    },
  })
  return {
    runtime,
    schedule,
    looks,
    running,
    hold: () => {
      isHolding = true
    },
    ids: () => looks.map(([id]) => id),
  }
}

describe('a schedule of rounds', () => {
  it('looks at every key each so often, give or take the jitter', async () => {
    const { runtime, schedule, looks } = setUp({ everyMs: 10 * minute, jitter: 0.1 })
    schedule.start()
    await runtime.advanceAsync(60 * minute)
    const rounds = looks.filter(([id]) => id === 'a').map(([, at]) => at)
    expect(rounds.length).toBeGreaterThanOrEqual(5)
    for (const [index, at] of rounds.entries()) {
      const length = at - (rounds[index - 1] ?? 0)
      expect(length).toBeGreaterThanOrEqual(9 * minute)
      expect(length).toBeLessThanOrEqual(11 * minute)
    }
    expect(new Set(looks.map(([id]) => id))).toEqual(new Set(['a', 'b', 'c']))
  })

  it('is none unless asked for', async () => {
    const { runtime, schedule, looks } = setUp()
    schedule.start()
    await runtime.advanceAsync(24 * 60 * minute)
    expect(looks).toEqual([])
    expect(runtime.timerCount).toBe(0)
  })

  it('looks at a few at a time', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e']
    const { runtime, schedule, running, looks, hold } = setUp(
      { everyMs: minute, jitter: 0, concurrency: 2 },
      ids,
    )
    hold()
    schedule.start()
    await runtime.advanceAsync(minute)
    expect(looks).toHaveLength(2)
    running.get('a')?.()
    await promisesSettled()
    expect(looks.map(([id]) => id)).toEqual(['a', 'b', 'c'])
  })
})

describe('a schedule by calls', () => {
  it('looks at a key after so many calls that went well, and counts anew', async () => {
    const { runtime, schedule, ids } = setUp({ afterCalls: 3 })
    for (let count = 0; count < 2; count++) schedule.noteCall('a', success)
    schedule.noteCall('b', success)
    schedule.noteCall('a', { kind: 'rate-limited', fault: 'limit' })
    expect(ids()).toEqual([])
    schedule.noteCall('a', success)
    expect(ids()).toEqual(['a'])
    await runtime.advanceAsync(2 * minute)
    for (let count = 0; count < 2; count++) schedule.noteCall('a', success)
    expect(ids()).toEqual(['a'])
    schedule.noteCall('a', success)
    expect(ids()).toEqual(['a', 'a'])
  })

  it('looks at a key that was refused for lack of money, unless that is not wanted', () => {
    const { schedule, ids } = setUp()
    schedule.noteCall('a', noMoney)
    expect(ids()).toEqual(['a'])
    const other = setUp({ onLackOfFunds: false })
    other.schedule.noteCall('a', noMoney)
    expect(other.ids()).toEqual([])
    expect(other.schedule.hearsCalls).toBe(false)
  })

  it('looks at a key once in so long, whatever happens', async () => {
    const { runtime, schedule, ids } = setUp({ minIntervalMs: 5 * minute })
    for (let count = 0; count < 4; count++) {
      schedule.noteCall('a', noMoney)
      await runtime.advanceAsync(minute)
    }
    expect(ids()).toEqual(['a'])
    await runtime.advanceAsync(minute)
    schedule.noteCall('a', noMoney)
    expect(ids()).toEqual(['a', 'a'])
  })

  it('is not held up by a clock that was set back', async () => {
    const { runtime, schedule, ids } = setUp()
    schedule.noteCall('a', noMoney)
    await promisesSettled()
    runtime.shiftClock(-60 * minute)
    schedule.noteCall('a', noMoney)
    expect(ids()).toEqual(['a', 'a'])
  })

  it('goes on after a look that failed', async () => {
    const looks: string[] = []
    const schedule = new CheckSchedule({
      options: { ...defaultCheckSchedule, concurrency: 1 },
      runtime: fakeRuntime(),
      ids: () => [],
      look: async (id) => {
        looks.push(id)
        throw new Error('broken')
      },
    })
    schedule.noteCall('a', noMoney)
    schedule.noteCall('b', noMoney)
    await promisesSettled()
    expect(looks).toEqual(['a', 'b'])
  })
})

describe('a schedule that is closed', () => {
  it('calls off what is under way, and begins nothing more', async () => {
    const { runtime, schedule, ids, hold } = setUp({ everyMs: minute, concurrency: 1 })
    hold()
    schedule.start()
    schedule.noteCall('a', noMoney)
    schedule.noteCall('b', noMoney)
    await schedule.close()
    schedule.noteCall('c', noMoney)
    schedule.start()
    await runtime.advanceAsync(60 * minute)
    expect(ids()).toEqual(['a'])
    expect(runtime.timerCount).toBe(0)
  })

  it('forgets keys that are gone', async () => {
    const { schedule, ids, running, hold } = setUp({ concurrency: 1 })
    hold()
    schedule.noteCall('a', noMoney)
    schedule.noteCall('b', noMoney)
    schedule.forget('b')
    running.get('a')?.()
    await promisesSettled()
    expect(ids()).toEqual(['a'])
  })
})
