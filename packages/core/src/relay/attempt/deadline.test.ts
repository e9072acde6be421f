import { describe, expect, it } from 'vitest'
import { type FakeRuntime, fakeRuntime } from '../../testing/fake-runtime.js'
import { Deadline, type Phase } from './deadline.js'
import type { Timeouts } from './timeouts.js'

const limits: Timeouts = { connect: 10, firstByte: 100, firstOutput: 300, idle: 50, stalled: 0, total: 0 }
const never = Number.POSITIVE_INFINITY

interface Watched {
  readonly deadline: Deadline
  readonly runtime: FakeRuntime
  readonly expired: Phase[]
  /** The number of timers set so far. */
  timersSet(): number
}

/** A deadline that is connecting; `total` in milliseconds from now. */
function watch({ total = never, ...changed }: Partial<Timeouts> = {}): Watched {
  const runtime = fakeRuntime()
  const expired: Phase[] = []
  let count = 0
  const counting = {
    ...runtime,
    setTimer: (run: () => void, delayMs: number) => {
      count++
      return runtime.setTimer(run, delayMs)
    },
  }
  const deadline = new Deadline(counting, { ...limits, ...changed }, runtime.monotonic() + total, (phase) => {
    expired.push(phase)
    deadline.stop()
  })
  deadline.connecting()
  return { deadline, runtime, expired, timersSet: () => count }
}

/** Bytes come: output, or only signs of life. */
function bytesCame(deadline: Deadline, hasOutput = true): void {
  const isLooking = deadline.arrived()
  deadline.progress(isLooking && hasOutput)
}

/** A deadline whose request is sent. */
function watchSent(changed: Partial<Timeouts> = {}): Watched {
  const watched = watch(changed)
  watched.deadline.sent()
  return watched
}

/** A deadline whose answer has a head. */
function watchRunning(changed: Partial<Timeouts> = {}): Watched {
  const watched = watchSent(changed)
  bytesCame(watched.deadline)
  return watched
}

describe('the limit of one phase', () => {
  it.each<[Phase, number, () => Watched]>([
    ['connect', 10, () => watch()],
    ['first-byte', 100, () => watchSent()],
    ['idle', 50, () => watchRunning()],
    ['first-output', 300, () => watchSent({ firstByte: 1_000 })],
    ['total', 5, () => watch({ total: 5 })],
    ['total', 60, () => watchSent({ total: 60 })],
    ['total', 40, () => watchRunning({ total: 40 })],
  ])('%s ends the attempt after %i ms, not before', (phase, limitMs, start) => {
    const { runtime, expired } = start()
    runtime.advance(limitMs - 1)
    expect(expired).toEqual([])
    runtime.advance(1)
    expect(expired).toEqual([phase])
  })

  it('first-byte does not count the time before the request was sent', () => {
    const { deadline, runtime, expired } = watch()
    runtime.advance(9)
    deadline.sent()
    runtime.advance(99)
    expect(expired).toEqual([])
  })

  it.each<[string, () => Watched]>([
    ['connect', () => watch({ connect: 0 })],
    ['first-byte', () => watchSent({ firstByte: 0, firstOutput: 0 })],
    ['first-output and idle', () => watchRunning({ firstOutput: 0, idle: 0 })],
  ])('%s is no limit when it is 0, and sets no timer', (_phase, start) => {
    const { runtime, expired } = start()
    runtime.advance(1e12)
    expect(expired).toEqual([])
    expect(runtime.timerCount).toBe(0)
  })

  it('is kept by one timer at a time', () => {
    const { deadline, runtime } = watch({ total: 1_000 })
    expect(runtime.timerCount).toBe(1)
    deadline.sent()
    bytesCame(deadline)
    deadline.outputSeen()
    expect(runtime.timerCount).toBe(1)
  })
})

describe('progress of an answer', () => {
  it('keeps the attempt alive for as long as it goes on', () => {
    const { deadline, runtime, expired } = watchRunning({ firstOutput: 0 })
    for (let chunk = 0; chunk < 100; chunk++) {
      runtime.advance(49)
      bytesCame(deadline)
    }
    expect(expired).toEqual([])
    runtime.advance(50)
    expect(expired).toEqual(['idle'])
  })

  it('sets no timer of its own for any number of chunks', () => {
    const { deadline, runtime, timersSet } = watchRunning()
    const before = timersSet()
    for (let chunk = 0; chunk < 10_000; chunk++) bytesCame(deadline)
    expect(timersSet()).toBe(before)
    for (let chunk = 0; chunk < 200; chunk++) {
      runtime.advance(1)
      bytesCame(deadline)
    }
    // A timer is set for each one that ran out, which is one for each limit.
    expect(timersSet() - before).toBeLessThanOrEqual(4)
  })

  it('does not extend the limit for the first output', () => {
    const { deadline, runtime, expired } = watchRunning()
    for (let chunk = 0; chunk < 30; chunk++) {
      bytesCame(deadline)
      runtime.advance(10)
    }
    expect(expired).toEqual(['first-output'])
  })

  it('is all that counts behind the first output', () => {
    const { deadline, runtime, expired } = watchRunning()
    deadline.outputSeen()
    for (let chunk = 0; chunk < 100; chunk++) {
      bytesCame(deadline)
      runtime.advance(10)
    }
    expect(expired).toEqual([])
  })
})

describe('a pause of a client that does not read', () => {
  it('has no limit', () => {
    const { deadline, runtime, expired } = watchRunning()
    deadline.outputSeen()
    deadline.paused()
    runtime.advance(1e9)
    expect(expired).toEqual([])
    expect(runtime.timerCount).toBe(0)
  })

  it('ends with the next progress, which starts the idle limit again', () => {
    const { deadline, runtime, expired } = watchRunning()
    deadline.outputSeen()
    deadline.paused()
    runtime.advance(1e9)
    bytesCame(deadline)
    runtime.advance(49)
    expect(expired).toEqual([])
    runtime.advance(1)
    expect(expired).toEqual(['idle'])
  })

  it('does not extend the total limit', () => {
    const { deadline, runtime, expired } = watchRunning({ total: 500 })
    deadline.outputSeen()
    deadline.paused()
    runtime.advance(500)
    expect(expired).toEqual(['total'])
  })
})

describe('the total limit', () => {
  it('is reported before a phase that runs out at the same time', () => {
    const { runtime, expired } = watch({ total: 10 })
    runtime.advance(10)
    expect(expired).toEqual(['total'])
  })

  it('ends a later attempt at once when it is over already', () => {
    const { runtime, expired } = watch({ total: 0 })
    runtime.advance(0)
    expect(expired).toEqual(['total'])
  })
})

describe('an answer that has declared itself whole', () => {
  it('is over a second later, for any idle limit', () => {
    const { deadline, runtime, expired } = watchRunning({ idle: 300_000, firstOutput: 0 })
    deadline.ending()
    runtime.advance(999)
    expect(expired).toEqual([])
    runtime.advance(1)
    expect(expired).toEqual(['idle'])
  })
})

describe('a wall clock that is set back', () => {
  it.each<[Phase, () => Watched]>([
    ['connect', () => watch()],
    ['first-byte', () => watchSent()],
    ['idle', () => watchRunning()],
    ['first-output', () => watchSent({ firstByte: 0 })],
    ['total', () => watchSent({ total: 60 })],
  ])('does not extend the phase %s', (phase, start) => {
    const { runtime, expired } = start()
    runtime.advance(5)
    runtime.shiftClock(-3_600_000)
    runtime.advance(300)
    expect(expired).toEqual([phase])
  })
})

it('a stopped deadline reports nothing', () => {
  const { deadline, runtime, expired } = watchRunning({ total: 100 })
  deadline.stop()
  expect(runtime.timerCount).toBe(0)
  runtime.advance(1e9)
  expect(expired).toEqual([])
})

it('a deadline keeps a limit that is longer than a timer can wait', () => {
  const longest = 2 ** 31 - 1
  const delays: number[] = []
  const runtime = fakeRuntime()
  const expired: Phase[] = []
  const recording = {
    ...runtime,
    setTimer: (run: () => void, delayMs: number) => {
      delays.push(delayMs)
      return runtime.setTimer(run, delayMs)
    },
  }
  const deadline = new Deadline(recording, { ...limits, connect: 2 * longest }, never, (phase) =>
    expired.push(phase),
  )
  deadline.connecting()
  runtime.advance(2 * longest - 1)
  expect(expired).toEqual([])
  runtime.advance(1)
  expect(expired).toEqual(['connect'])
  expect(Math.max(...delays)).toBeLessThanOrEqual(longest)
})

describe('an answer that gives nothing but signs of life', () => {
  /** Heartbeats every 10 ms, for a while. */
  const beat = ({ deadline, runtime }: Watched, forMs: number): void => {
    for (let passedMs = 0; passedMs < forMs; passedMs += 10) {
      runtime.advance(10)
      bytesCame(deadline, false)
    }
  }

  it('is not idle, and is stalled after its own limit', () => {
    const watched = watchRunning({ stalled: 200 })
    watched.deadline.outputSeen()
    beat(watched, 190)
    expect(watched.expired).toEqual([])
    beat(watched, 10)
    expect(watched.expired).toEqual(['stalled'])
  })

  it('is stalled before the first output too, whatever that may take', () => {
    const watched = watchRunning({ stalled: 200, firstOutput: 0 })
    beat(watched, 200)
    expect(watched.expired).toEqual(['stalled'])
  })

  it('has all of its time again after each output', () => {
    const watched = watchRunning({ stalled: 200 })
    watched.deadline.outputSeen()
    for (let round = 0; round < 20; round++) {
      beat(watched, 140)
      bytesCame(watched.deadline)
    }
    expect(watched.expired).toEqual([])
  })

  it('may go on for ever when the limit is 0', () => {
    const watched = watchRunning({ stalled: 0, firstOutput: 0 })
    beat(watched, 10_000)
    expect(watched.expired).toEqual([])
  })

  it('has all of its time again when the client goes on reading', () => {
    const watched = watchRunning({ stalled: 200 })
    watched.deadline.outputSeen()
    watched.deadline.paused()
    watched.runtime.advance(1e9)
    watched.deadline.resumed()
    beat(watched, 190)
    expect(watched.expired).toEqual([])
  })
})

it('output is looked for at most once a second, and in time for a short limit', () => {
  const { deadline, runtime } = watchRunning({ stalled: 600_000, idle: 0, firstOutput: 0 })
  let looks = 0
  for (let chunk = 0; chunk < 10_000; chunk++) {
    runtime.advance(1)
    const isLooking = deadline.arrived()
    if (isLooking) looks++
    deadline.progress(isLooking)
  }
  expect(looks).toBe(10)
})
