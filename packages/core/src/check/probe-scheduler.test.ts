import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fakeRuntime, promisesSettled } from '../testing/fake-runtime.js'
import { ProbeScheduler } from './probe-scheduler.js'

type ProbeAnswer = 'accepted' | 'refused' | 'unclear'

interface Running {
  readonly id: string
  readonly signal: AbortSignal
  readonly end: (answer: ProbeAnswer) => void
  readonly fail: (error: Error) => void
}

function setUp(options: { concurrency?: number; learned?: (id: string, answer: ProbeAnswer) => void } = {}) {
  const runtime = fakeRuntime()
  const start = runtime.now()
  /** All probes so far, and those that have not ended. */
  const asked: string[] = []
  const running: Running[] = []
  const learned: string[] = []
  const recovery = new ProbeScheduler<ProbeAnswer>({
    probe: (id, signal) => {
      asked.push(`${id} at ${runtime.now() - start}`)
      return new Promise((resolve, reject) => {
        const over = <T>(settle: (value: T) => void) => {
          return (value: T): void => {
            running.splice(running.indexOf(probe), 1)
            settle(value)
          }
        }
        const probe: Running = { id, signal, end: over(resolve), fail: over(reject) }
        running.push(probe)
      })
    },
    learned: (id, answer) => {
      learned.push(`${id}: ${answer}`)
      options.learned?.(id, answer)
    },
    runtime,
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
  })
  const probe = (id: string): Running => {
    const found = running.find((each) => each.id === id)
    if (found === undefined) throw new Error(`no probe of ${id} is running`)
    return found
  }
  /** Ends a probe, and lets everything follow from it. */
  const end = async (id: string, answer: ProbeAnswer = 'accepted'): Promise<void> => {
    probe(id).end(answer)
    await promisesSettled()
  }
  const schedule = (id: string, inMs: number): void => recovery.schedule(id, runtime.now() + inMs)
  return { recovery, runtime, asked, running, learned, probe, end, schedule }
}

describe('recovery', () => {
  it('probes each at its date and tells what it learned', async () => {
    const { runtime, schedule, asked, learned, end } = setUp()
    schedule('late', 300)
    schedule('early', 100)
    expect(runtime.timerCount).toBe(1)
    runtime.advance(99)
    expect(asked).toEqual([])
    runtime.advance(1000)
    expect(asked).toEqual(['early at 100', 'late at 300'])
    await end('late', 'refused')
    await end('early')
    expect(learned).toEqual(['late: refused', 'early: accepted'])
    expect(runtime.timerCount).toBe(0)
  })

  it('probes at once what is due already', () => {
    const { runtime, schedule, asked } = setUp()
    schedule('key', -1000)
    runtime.advance(0)
    expect(asked).toEqual(['key at 0'])
  })

  it('has one date for each: a new one replaces the one before, sooner or later', () => {
    const { runtime, schedule, asked } = setUp()
    schedule('put off', 100)
    schedule('put off', 500)
    schedule('brought forward', 900)
    schedule('brought forward', 200)
    runtime.advance(2000)
    expect(asked).toEqual(['brought forward at 200', 'put off at 500'])
  })

  it('forgets what is cancelled, timer and all', () => {
    const { runtime, recovery, schedule, asked } = setUp()
    schedule('key', 100)
    recovery.cancel('key')
    recovery.cancel('unknown')
    expect(runtime.timerCount).toBe(0)
    runtime.advance(1000)
    expect(asked).toEqual([])
  })

  it('forgets what it has probed', async () => {
    const { runtime, recovery, schedule, end } = setUp()
    schedule('probed', 10)
    runtime.advance(10)
    await end('probed')
    schedule('cancelled', 100)
    recovery.cancel('cancelled')
    expect(runtime.timerCount).toBe(0)
  })

  it('runs four at a time; the others wait their turn by date', async () => {
    const { runtime, schedule, asked, end } = setUp()
    for (const at of [6, 5, 4, 3, 2, 1]) schedule(`key-${at}`, at)
    runtime.advance(10)
    expect(asked).toHaveLength(4)
    expect(runtime.timerCount).toBe(0)
    await end('key-3')
    expect(asked.slice(4)).toEqual(['key-5 at 10'])
    await end('key-1')
    expect(asked.slice(5)).toEqual(['key-6 at 10'])
    await end('key-2')
    expect(asked).toHaveLength(6)
  })

  it('waits for a date again once it has a place free', async () => {
    const { runtime, schedule, asked, end } = setUp({ concurrency: 1 })
    schedule('first', 10)
    runtime.advance(10)
    schedule('second', 20)
    expect(runtime.timerCount).toBe(0)
    await end('first')
    expect(asked).toHaveLength(1)
    runtime.advance(20)
    expect(asked[1]).toBe('second at 30')
  })

  it('tries a probe that throws again a minute later, for it found nothing out', async () => {
    const { runtime, schedule, asked, learned, probe, end } = setUp()
    schedule('key', 10)
    runtime.advance(10)
    probe('key').fail(new Error('no way through'))
    await promisesSettled()
    runtime.advance(60_000)
    expect(asked).toEqual(['key at 10', 'key at 60010'])
    expect(learned).toEqual([])
    await end('key')
    expect(learned).toEqual(['key: accepted'])
  })

  it('has nothing against a probe that throws before it gives a promise', async () => {
    const runtime = fakeRuntime()
    let tries = 0
    const told: string[] = []
    const recovery = new ProbeScheduler<string>({
      probe: (id) => {
        if (tries++ === 0) throw new Error('not even a promise')
        return Promise.resolve(`${id} works`)
      },
      learned: (_id, answer) => void told.push(answer),
      runtime,
    })
    recovery.schedule('key', runtime.now())
    await runtime.advanceAsync(60_000)
    expect(told).toEqual(['key works'])
    expect(runtime.timerCount).toBe(0)
  })

  it('does not try again what was cancelled before it failed', async () => {
    const { runtime, recovery, schedule, asked, probe } = setUp()
    schedule('key', 10)
    runtime.advance(10)
    recovery.cancel('key')
    probe('key').fail(new Error('aborted'))
    await runtime.advanceAsync(120_000)
    expect(asked).toEqual(['key at 10'])
  })

  it('goes on from what it learned: the next date may be set right there', async () => {
    const { runtime, recovery, schedule, asked, learned, end } = setUp({
      learned: (id, answer) => {
        if (answer === 'unclear') recovery.schedule(id, runtime.now() + 50)
      },
    })
    schedule('key', 10)
    runtime.advance(10)
    await end('key', 'unclear')
    runtime.advance(50)
    await end('key', 'accepted')
    runtime.advance(1000)
    expect(asked).toEqual(['key at 10', 'key at 60'])
    expect(learned).toEqual(['key: unclear', 'key: accepted'])
  })
})

describe('a running probe', () => {
  it('is told to stop when its subject is cancelled, and its answer is dropped', async () => {
    const { runtime, recovery, schedule, learned, probe, end } = setUp()
    schedule('key', 10)
    runtime.advance(10)
    const { signal } = probe('key')
    recovery.cancel('key')
    expect(signal.aborted).toBe(true)
    await end('key')
    expect(learned).toEqual([])
  })

  it('is replaced by a new date, and only the new answer counts', async () => {
    const { runtime, schedule, learned, running } = setUp()
    schedule('key', 10)
    runtime.advance(10)
    schedule('key', 20)
    runtime.advance(20)
    const [before, after] = running
    expect(running).toHaveLength(2)
    after?.end('accepted')
    await promisesSettled()
    before?.end('refused')
    await promisesSettled()
    expect(learned).toEqual(['key: accepted'])
  })

  it('keeps its place until it is really over, stopped or not', async () => {
    const { runtime, recovery, schedule, asked, end } = setUp({ concurrency: 1 })
    schedule('stopped', 10)
    schedule('next', 20)
    runtime.advance(30)
    recovery.cancel('stopped')
    await promisesSettled()
    expect(asked).toEqual(['stopped at 10'])
    await end('stopped')
    expect(asked).toEqual(['stopped at 10', 'next at 30'])
  })
})

describe('closing', () => {
  it('stops what runs, waits for it, and nothing happens afterwards', async () => {
    const { runtime, recovery, schedule, asked, learned, probe, end } = setUp({ concurrency: 1 })
    schedule('running', 10)
    schedule('waiting', 10)
    schedule('later', 100)
    runtime.advance(10)
    const { signal } = probe('running')
    let isClosed = false
    const closed = recovery.close().then(() => {
      isClosed = true
    })
    expect(signal.aborted).toBe(true)
    expect(runtime.timerCount).toBe(0)
    await promisesSettled()
    expect(isClosed).toBe(false)
    await end('running')
    await closed
    await recovery.close()
    schedule('new', 0)
    await runtime.advanceAsync(1000)
    expect(asked).toEqual(['running at 10'])
    expect(learned).toEqual([])
    expect(runtime.timerCount).toBe(0)
  })

  it('may come from what was learned', async () => {
    const { runtime, recovery, schedule, asked, end } = setUp({
      concurrency: 1,
      learned: () => void recovery.close(),
    })
    schedule('first', 10)
    schedule('second', 20)
    runtime.advance(20)
    await end('first')
    await recovery.close()
    expect(asked).toEqual(['first at 10'])
  })
})

describe('many and far', () => {
  it('keeps 100,000 dates, moved over and over, with one timer', async () => {
    const { runtime, schedule, recovery, asked, running, end } = setUp()
    for (let round = 1; round <= 4; round++) {
      for (let at = 0; at < 100_000; at++) schedule(`key-${at}`, round * 1_000_000 - at)
    }
    for (let at = 0; at < 99_998; at++) recovery.cancel(`key-${at}`)
    expect(runtime.timerCount).toBe(1)
    runtime.advance(4_000_000)
    expect(running.map(({ id }) => id)).toEqual(['key-99999', 'key-99998'])
    await end('key-99999')
    await end('key-99998')
    expect(asked).toHaveLength(2)
    expect(runtime.timerCount).toBe(0)
  })

  it('reaches a date beyond the longest timer, not at once', () => {
    const { runtime, schedule, asked } = setUp()
    const days = 60 * 86_400_000
    schedule('key', days)
    runtime.advance(days - 1)
    expect(asked).toEqual([])
    runtime.advance(1)
    expect(asked).toHaveLength(1)
  })

  it('probes after the time that was left, when the clock is set back meanwhile', () => {
    const { runtime, schedule, asked } = setUp()
    schedule('key', 1_000)
    runtime.advance(500)
    runtime.shiftClock(-86_400_000)
    runtime.advance(499)
    expect(asked).toEqual([])
    runtime.advance(1)
    expect(asked).toHaveLength(1)
  })
})

it('tells no answer of a probe that was replaced, cancelled or stopped, and loses no date', async () => {
  const id = fc.nat(6).map((number) => `key-${number}`)
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('schedule' as const), id, inMs: fc.nat(300) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), id }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(20) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), lengthMs: fc.nat(200) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
      const { recovery, runtime, schedule, running, learned } = setUp({ concurrency: 2 })
      /** Ids of which an answer is to come. */
      const owed = new Set<string>()
      let toldBefore = 0
      const settle = async (): Promise<void> => {
        await promisesSettled()
        for (const line of learned.slice(toldBefore)) expect(owed.delete(line.split(':')[0] ?? '')).toBe(true)
        toldBefore = learned.length
        expect(running.length).toBeLessThanOrEqual(2)
        expect(runtime.timerCount).toBeLessThanOrEqual(1)
      }
      for (const each of steps) {
        if (each.do === 'schedule') {
          schedule(each.id, each.inMs)
          owed.add(each.id)
        } else if (each.do === 'cancel') {
          recovery.cancel(each.id)
          owed.delete(each.id)
        } else if (each.do === 'end') running[each.which % Math.max(running.length, 1)]?.end('accepted')
        else runtime.advance(each.lengthMs)
        await settle()
      }
      runtime.advance(1_000)
      while (running.length > 0) {
        running[0]?.end('refused')
        await settle()
        runtime.advance(0)
      }
      expect([...owed]).toEqual([])
      expect(runtime.timerCount).toBe(0)
    }),
    { seed: 20_260_901, numRuns: 150 },
  )
})
