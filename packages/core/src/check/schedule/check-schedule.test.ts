import { describe, expect, it } from 'vitest'
import { fakeRuntime, promisesSettled } from '../../testing/fake-runtime.js'
import { CheckSchedule, type CheckScheduleOptions, defaultCheckSchedule } from './check-schedule.js'

const minute = 60_000

function setUp(options: CheckScheduleOptions = {}, ids: readonly string[] = ['a', 'b', 'c']) {
  const keys = new Map(ids.map((id) => [id, id]))
  const runtime = fakeRuntime()
  const from = runtime.now()
  const checks: [id: string, atMs: number][] = []
  const running = new Map<string, () => void>()
  let isHolding = false
  const schedule = new CheckSchedule({
    options: { ...defaultCheckSchedule, onLackOfFunds: true, ...options },
    runtime,
    keys,
    check: (id, _, signal) => {
      checks.push([id, runtime.now() - from])
      if (!isHolding) return Promise.resolve()
      return new Promise((resolve) => {
        running.set(id, resolve)
        signal.addEventListener('abort', () => resolve())
      })
    },
  })
  return {
    runtime,
    keys,
    schedule,
    checks,
    running,
    hold: () => {
      isHolding = true
    },
    ids: () => checks.map(([id]) => id),
  }
}

describe('a schedule of rounds', () => {
  it('the schedule checks every key each interval, give or take the jitter', async () => {
    const { runtime, schedule, checks } = setUp({ everyMs: 10 * minute, jitter: 0.1 })
    schedule.start()
    await runtime.advanceAsync(60 * minute)
    const rounds = checks.filter(([id]) => id === 'a').map(([, at]) => at)
    expect(rounds.length).toBeGreaterThanOrEqual(5)
    for (const [index, at] of rounds.entries()) {
      const length = at - (rounds[index - 1] ?? 0)
      expect(length).toBeGreaterThanOrEqual(9 * minute)
      expect(length).toBeLessThanOrEqual(11 * minute)
    }
    expect(new Set(checks.map(([id]) => id))).toEqual(new Set(['a', 'b', 'c']))
  })

  it('the schedule makes no rounds by default', async () => {
    const { runtime, schedule, checks } = setUp()
    schedule.start()
    await runtime.advanceAsync(24 * 60 * minute)
    expect(checks).toEqual([])
    expect(runtime.timerCount).toBe(0)
  })

  it('the schedule checks as many keys at a time as its concurrency', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e']
    const { runtime, schedule, running, checks, hold } = setUp(
      { everyMs: minute, jitter: 0, concurrency: 2 },
      ids,
    )
    hold()
    schedule.start()
    await runtime.advanceAsync(minute)
    expect(checks).toHaveLength(2)
    running.get('a')?.()
    await promisesSettled()
    expect(checks.map(([id]) => id)).toEqual(['a', 'b', 'c'])
  })
})

describe('a schedule by calls', () => {
  it('the schedule checks a key after so many successful calls, and counts anew', async () => {
    const { runtime, schedule, ids } = setUp({ afterCalls: 3 })
    for (let count = 0; count < 2; count++) schedule.recordSuccess('a')
    schedule.recordSuccess('b')
    expect(ids()).toEqual([])
    schedule.recordSuccess('a')
    expect(ids()).toEqual(['a'])
    await runtime.advanceAsync(2 * minute)
    for (let count = 0; count < 2; count++) schedule.recordSuccess('a')
    expect(ids()).toEqual(['a'])
    schedule.recordSuccess('a')
    expect(ids()).toEqual(['a', 'a'])
  })

  it('the schedule checks a key that was refused for lack of money, where the option says so', () => {
    const { schedule, ids } = setUp()
    schedule.recordLackOfFunds('a')
    expect(ids()).toEqual(['a'])
    const other = setUp({ onLackOfFunds: false })
    other.schedule.recordLackOfFunds('a')
    expect(other.ids()).toEqual([])
    expect([other.schedule.countsCalls, setUp({ afterCalls: 1 }).schedule.countsCalls]).toEqual([false, true])
  })

  it('the schedule checks a key once per minimum interval, whatever happens', async () => {
    const { runtime, schedule, ids } = setUp({ minIntervalMs: 5 * minute })
    for (let count = 0; count < 4; count++) {
      schedule.recordLackOfFunds('a')
      await runtime.advanceAsync(minute)
    }
    expect(ids()).toEqual(['a'])
    await runtime.advanceAsync(minute)
    schedule.recordLackOfFunds('a')
    expect(ids()).toEqual(['a', 'a'])
  })

  it('the schedule checks a key in time when the clock was set back', async () => {
    const { runtime, schedule, ids } = setUp()
    schedule.recordLackOfFunds('a')
    await promisesSettled()
    runtime.shiftClock(-60 * minute)
    runtime.advance(minute)
    schedule.recordLackOfFunds('a')
    expect(ids()).toEqual(['a', 'a'])
  })

  it('the schedule goes on after a check that failed', async () => {
    const checks: string[] = []
    const schedule = new CheckSchedule({
      options: { ...defaultCheckSchedule, onLackOfFunds: true, concurrency: 1 },
      runtime: fakeRuntime(),
      keys: new Map(),
      check: async (id) => {
        checks.push(id)
        throw new Error('broken')
      },
    })
    schedule.recordLackOfFunds('a')
    schedule.recordLackOfFunds('b')
    await promisesSettled()
    expect(checks).toEqual(['a', 'b'])
  })
})

describe('a schedule that is closed', () => {
  it('a closed schedule aborts the running checks, and begins no more', async () => {
    const { runtime, schedule, ids, hold } = setUp({ everyMs: minute, concurrency: 1 })
    hold()
    schedule.start()
    schedule.recordLackOfFunds('a')
    schedule.recordLackOfFunds('b')
    await schedule.close()
    schedule.recordLackOfFunds('c')
    schedule.start()
    await runtime.advanceAsync(60 * minute)
    expect(ids()).toEqual(['a'])
    expect(runtime.timerCount).toBe(0)
  })

  it('the schedule forgets keys that were removed', async () => {
    const { schedule, ids, running, hold, keys } = setUp({ concurrency: 1 })
    hold()
    schedule.recordLackOfFunds('a')
    schedule.recordLackOfFunds('b')
    keys.delete('b')
    schedule.prune()
    running.get('a')?.()
    await promisesSettled()
    expect(ids()).toEqual(['a'])
  })
})
