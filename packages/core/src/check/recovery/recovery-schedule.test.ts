import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fakeRuntime, promisesSettled } from '../../testing/fake-runtime.js'
import { RecoverySchedule } from './recovery-schedule.js'

type ProbeAnswer = 'accepted' | 'refused' | 'unclear'

interface Running {
  readonly id: string
  readonly signal: AbortSignal
  readonly end: (answer: ProbeAnswer) => void
  readonly fail: (error: Error) => void
}

function setUp(options: { concurrency?: number; onAnswer?: (id: string, answer: ProbeAnswer) => void } = {}) {
  const runtime = fakeRuntime()
  const start = runtime.now()
  /** All probes so far, and those that have not ended. */
  const asked: string[] = []
  const running: Running[] = []
  const answers: string[] = []
  const scheduler = new RecoverySchedule<ProbeAnswer>({
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
    onAnswer: (id, answer) => {
      answers.push(`${id}: ${answer}`)
      options.onAnswer?.(id, answer)
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
  const schedule = (id: string, inMs: number): void => scheduler.schedule(id, runtime.now() + inMs)
  return { scheduler, runtime, asked, running, answers, probe, end, schedule }
}

describe('a probe scheduler', () => {
  it('the scheduler makes each probe at its time and reports the answers', async () => {
    const { runtime, schedule, asked, answers, end } = setUp()
    schedule('late', 300)
    schedule('early', 100)
    expect(runtime.timerCount).toBe(1)
    runtime.advance(99)
    expect(asked).toEqual([])
    runtime.advance(1000)
    expect(asked).toEqual(['early at 100', 'late at 300'])
    await end('late', 'refused')
    await end('early')
    expect(answers).toEqual(['late: refused', 'early: accepted'])
    expect(runtime.timerCount).toBe(0)
  })

  it('the scheduler makes a probe at once when its time has passed', () => {
    const { runtime, schedule, asked } = setUp()
    schedule('key', -1000)
    runtime.advance(0)
    expect(asked).toEqual(['key at 0'])
  })

  it('the scheduler keeps one time for each id: a new one replaces the one before, sooner or later', () => {
    const { runtime, schedule, asked } = setUp()
    schedule('put off', 100)
    schedule('put off', 500)
    schedule('brought forward', 900)
    schedule('brought forward', 200)
    runtime.advance(2000)
    expect(asked).toEqual(['brought forward at 200', 'put off at 500'])
  })

  it('the scheduler drops cancelled probes and their timer', () => {
    const { runtime, scheduler, schedule, asked } = setUp()
    schedule('key', 100)
    scheduler.cancel('key')
    scheduler.cancel('unknown')
    expect(runtime.timerCount).toBe(0)
    runtime.advance(1000)
    expect(asked).toEqual([])
  })

  it('the scheduler forgets probes that have ended', async () => {
    const { runtime, scheduler, schedule, end } = setUp()
    schedule('probed', 10)
    runtime.advance(10)
    await end('probed')
    schedule('cancelled', 100)
    scheduler.cancel('cancelled')
    expect(runtime.timerCount).toBe(0)
  })

  it('the scheduler runs four probes at a time, and the earliest of the others next', async () => {
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

  it('the scheduler sets a timer again once a place is free', async () => {
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

  it('the scheduler tries a probe that rejects again a minute later', async () => {
    const { runtime, schedule, asked, answers, probe, end } = setUp()
    schedule('key', 10)
    runtime.advance(10)
    probe('key').fail(new Error('no way through'))
    await promisesSettled()
    runtime.advance(60_000)
    expect(asked).toEqual(['key at 10', 'key at 60010'])
    expect(answers).toEqual([])
    await end('key')
    expect(answers).toEqual(['key: accepted'])
  })

  it('the scheduler tries a probe that throws synchronously again a minute later', async () => {
    const runtime = fakeRuntime()
    let tries = 0
    const received: string[] = []
    const scheduler = new RecoverySchedule<string>({
      probe: (id) => {
        if (tries++ === 0) throw new Error('not even a promise')
        return Promise.resolve(`${id} works`)
      },
      onAnswer: (_id, answer) => void received.push(answer),
      runtime,
    })
    scheduler.schedule('key', runtime.now())
    await runtime.advanceAsync(60_000)
    expect(received).toEqual(['key works'])
    expect(runtime.timerCount).toBe(0)
  })

  it('the scheduler does not try a probe again that was cancelled before it failed', async () => {
    const { runtime, scheduler, schedule, asked, probe } = setUp()
    schedule('key', 10)
    runtime.advance(10)
    scheduler.cancel('key')
    probe('key').fail(new Error('aborted'))
    await runtime.advanceAsync(120_000)
    expect(asked).toEqual(['key at 10'])
  })

  it('the next probe may be scheduled while an answer is reported', async () => {
    const { runtime, scheduler, schedule, asked, answers, end } = setUp({
      onAnswer: (id, answer) => {
        if (answer === 'unclear') scheduler.schedule(id, runtime.now() + 50)
      },
    })
    schedule('key', 10)
    runtime.advance(10)
    await end('key', 'unclear')
    runtime.advance(50)
    await end('key', 'accepted')
    runtime.advance(1000)
    expect(asked).toEqual(['key at 10', 'key at 60'])
    expect(answers).toEqual(['key: unclear', 'key: accepted'])
  })
})

describe('a running probe', () => {
  it('a running probe is aborted when it is cancelled, and its answer is dropped', async () => {
    const { runtime, scheduler, schedule, answers, probe, end } = setUp()
    schedule('key', 10)
    runtime.advance(10)
    const { signal } = probe('key')
    scheduler.cancel('key')
    expect(signal.aborted).toBe(true)
    await end('key')
    expect(answers).toEqual([])
  })

  it('a running probe is replaced by a newly scheduled one, and only the new answer is reported', async () => {
    const { runtime, schedule, answers, running } = setUp()
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
    expect(answers).toEqual(['key: accepted'])
  })

  it('a running probe keeps its place until it has ended, aborted or not', async () => {
    const { runtime, scheduler, schedule, asked, end } = setUp({ concurrency: 1 })
    schedule('stopped', 10)
    schedule('next', 20)
    runtime.advance(30)
    scheduler.cancel('stopped')
    await promisesSettled()
    expect(asked).toEqual(['stopped at 10'])
    await end('stopped')
    expect(asked).toEqual(['stopped at 10', 'next at 30'])
  })
})

describe('a closed probe scheduler', () => {
  it('closing aborts the running probes and waits for them, and no probe begins afterwards', async () => {
    const { runtime, scheduler, schedule, asked, answers, probe, end } = setUp({ concurrency: 1 })
    schedule('running', 10)
    schedule('waiting', 10)
    schedule('later', 100)
    runtime.advance(10)
    const { signal } = probe('running')
    let isClosed = false
    const closed = scheduler.close().then(() => {
      isClosed = true
    })
    expect(signal.aborted).toBe(true)
    expect(runtime.timerCount).toBe(0)
    await promisesSettled()
    expect(isClosed).toBe(false)
    await end('running')
    await closed
    await scheduler.close()
    schedule('new', 0)
    await runtime.advanceAsync(1000)
    expect(asked).toEqual(['running at 10'])
    expect(answers).toEqual([])
    expect(runtime.timerCount).toBe(0)
  })

  it('closing is possible while an answer is reported', async () => {
    const { runtime, scheduler, schedule, asked, end } = setUp({
      concurrency: 1,
      onAnswer: () => void scheduler.close(),
    })
    schedule('first', 10)
    schedule('second', 20)
    runtime.advance(20)
    await end('first')
    await scheduler.close()
    expect(asked).toEqual(['first at 10'])
  })
})

describe('many probes, and late ones', () => {
  it('the scheduler keeps 100,000 probes, rescheduled over and over, with one timer', async () => {
    const { runtime, schedule, scheduler, asked, running, end } = setUp()
    for (let round = 1; round <= 4; round++) {
      for (let at = 0; at < 100_000; at++) schedule(`key-${at}`, round * 1_000_000 - at)
    }
    for (let at = 0; at < 99_998; at++) scheduler.cancel(`key-${at}`)
    expect(runtime.timerCount).toBe(1)
    runtime.advance(4_000_000)
    expect(running.map(({ id }) => id)).toEqual(['key-99999', 'key-99998'])
    await end('key-99999')
    await end('key-99998')
    expect(asked).toHaveLength(2)
    expect(runtime.timerCount).toBe(0)
  })

  it('the scheduler makes a probe beyond the longest timer at its time', () => {
    const { runtime, schedule, asked } = setUp()
    const days = 60 * 86_400_000
    schedule('key', days)
    runtime.advance(days - 1)
    expect(asked).toEqual([])
    runtime.advance(1)
    expect(asked).toHaveLength(1)
  })

  it('the scheduler keeps the delay of a probe when the clock is set back meanwhile', () => {
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

it('the scheduler reports no answer of a replaced or cancelled probe, and loses no probe', async () => {
  const id = fc.nat(6).map((number) => `key-${number}`)
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('schedule' as const), id, inMs: fc.nat(300) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), id }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(20) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), lengthMs: fc.nat(200) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
      const { scheduler, runtime, schedule, running, answers } = setUp({ concurrency: 2 })
      /** Ids whose answer is still to come. */
      const awaited = new Set<string>()
      let seenCount = 0
      const settle = async (): Promise<void> => {
        await promisesSettled()
        for (const each of answers.slice(seenCount))
          expect(awaited.delete(each.split(':')[0] ?? '')).toBe(true)
        seenCount = answers.length
        expect(running.length).toBeLessThanOrEqual(2)
        expect(runtime.timerCount).toBeLessThanOrEqual(1)
      }
      for (const each of steps) {
        if (each.do === 'schedule') {
          schedule(each.id, each.inMs)
          awaited.add(each.id)
        } else if (each.do === 'cancel') {
          scheduler.cancel(each.id)
          awaited.delete(each.id)
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
      expect([...awaited]).toEqual([])
      expect(runtime.timerCount).toBe(0)
    }),
    { seed: 20_260_901, numRuns: 150 },
  )
})
