import { describe, expect, it } from 'vitest'
import { fakeRuntime, promisesSettled } from '../testing/fake-runtime.js'
import { CheckSchedule, type CheckScheduleOptions, defaultCheckSchedule } from './schedule.js'

const minute = 60_000

function setUp(options: CheckScheduleOptions = {}, ids: readonly string[] = ['a', 'b', 'c']) {
  const keys = new Map(ids.map((id) => [id, id]))
  const runtime = fakeRuntime()
  const from = runtime.now()
  const looks: [id: string, atMs: number][] = []
  const running = new Map<string, () => void>()
  let isHolding = false
  const schedule = new CheckSchedule({
    options: { ...defaultCheckSchedule, onLackOfFunds: true, ...options },
    runtime,
    keys,
    look: (id, _, signal) => {
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
    keys,
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
    for (let count = 0; count < 2; count++) schedule.noteSuccess('a')
    schedule.noteSuccess('b')
    expect(ids()).toEqual([])
    schedule.noteSuccess('a')
    expect(ids()).toEqual(['a'])
    await runtime.advanceAsync(2 * minute)
    for (let count = 0; count < 2; count++) schedule.noteSuccess('a')
    expect(ids()).toEqual(['a'])
    schedule.noteSuccess('a')
    expect(ids()).toEqual(['a', 'a'])
  })

  it('looks at a key that was refused for lack of money, unless that is not wanted', () => {
    const { schedule, ids } = setUp()
    schedule.noteLackOfFunds('a')
    expect(ids()).toEqual(['a'])
    const other = setUp({ onLackOfFunds: false })
    other.schedule.noteLackOfFunds('a')
    expect(other.ids()).toEqual([])
    expect([other.schedule.hearsCalls, setUp({ afterCalls: 1 }).schedule.hearsCalls]).toEqual([false, true])
  })

  it('looks at a key once in so long, whatever happens', async () => {
    const { runtime, schedule, ids } = setUp({ minIntervalMs: 5 * minute })
    for (let count = 0; count < 4; count++) {
      schedule.noteLackOfFunds('a')
      await runtime.advanceAsync(minute)
    }
    expect(ids()).toEqual(['a'])
    await runtime.advanceAsync(minute)
    schedule.noteLackOfFunds('a')
    expect(ids()).toEqual(['a', 'a'])
  })

  it('is not held up by a clock that was set back', async () => {
    const { runtime, schedule, ids } = setUp()
    schedule.noteLackOfFunds('a')
    await promisesSettled()
    runtime.shiftClock(-60 * minute)
    runtime.advance(minute)
    schedule.noteLackOfFunds('a')
    expect(ids()).toEqual(['a', 'a'])
  })

  it('goes on after a look that failed', async () => {
    const looks: string[] = []
    const schedule = new CheckSchedule({
      options: { ...defaultCheckSchedule, onLackOfFunds: true, concurrency: 1 },
      runtime: fakeRuntime(),
      keys: new Map(),
      look: async (id) => {
        looks.push(id)
        throw new Error('broken')
      },
    })
    schedule.noteLackOfFunds('a')
    schedule.noteLackOfFunds('b')
    await promisesSettled()
    expect(looks).toEqual(['a', 'b'])
  })
})

describe('a schedule that is closed', () => {
  it('calls off what is under way, and begins nothing more', async () => {
    const { runtime, schedule, ids, hold } = setUp({ everyMs: minute, concurrency: 1 })
    hold()
    schedule.start()
    schedule.noteLackOfFunds('a')
    schedule.noteLackOfFunds('b')
    await schedule.close()
    schedule.noteLackOfFunds('c')
    schedule.start()
    await runtime.advanceAsync(60 * minute)
    expect(ids()).toEqual(['a'])
    expect(runtime.timerCount).toBe(0)
  })

  it('forgets keys that are gone', async () => {
    const { schedule, ids, running, hold, keys } = setUp({ concurrency: 1 })
    hold()
    schedule.noteLackOfFunds('a')
    schedule.noteLackOfFunds('b')
    keys.delete('b')
    schedule.prune()
    running.get('a')?.()
    await promisesSettled()
    expect(ids()).toEqual(['a'])
  })
})
