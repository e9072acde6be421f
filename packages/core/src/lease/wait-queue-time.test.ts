import { describe, expect, it } from 'vitest'
import { promisesSettled } from '../testing/fake-runtime.js'
import { busy, type Refused, waitQueueUnderTest } from './testing/wait-queue-under-test.js'
import { WaitQueue } from './wait-queue.js'

const setUp = () => {
  const under = waitQueueUnderTest()
  /** From now on: no place for that model until then, and places only after it. */
  const freeIn = (model: string, inMs: number, isBusy = false): void => {
    under.counter.releases.set(model, { kind: 'refusal', freeAt: under.runtime.now() + inMs, isBusy })
  }
  return Object.assign(under, { freeIn })
}

describe('a request waits', () => {
  it('for a release that comes at the last millisecond of its time, but not for one a millisecond later', async () => {
    const { enter, freeIn, answered, runtime, counter } = setUp()
    freeIn('a', 1_000)
    enter('a-late', { waitMs: 999 })
    enter('a-just', { waitMs: 1_000 })
    expect(answered).toEqual(['a-late: no a'])
    await runtime.advanceAsync(999)
    counter.free.set('a', 1)
    expect(answered).toHaveLength(1)
    await runtime.advanceAsync(1)
    expect(answered).toEqual(['a-late: no a', 'a-just: served'])
    expect(runtime.timerCount).toBe(0)
  })

  it('for a release that is only known of, or moved nearer, while it waits', async () => {
    const { enter, freeIn, counter, answered, runtime, queue } = setUp()
    enter('a1')
    freeIn('a', 500)
    queue.wake('a')
    freeIn('a', 300)
    queue.wake('a')
    counter.free.set('a', 1)
    await runtime.advanceAsync(299)
    expect(answered).toEqual([])
    await runtime.advanceAsync(1)
    expect(answered).toEqual(['a1: served'])
  })

  it('until the end of its time while a key is only busy, and is refused in that millisecond', async () => {
    const { enter, answered, runtime } = setUp()
    enter('a1', { waitMs: 500 })
    await runtime.advanceAsync(499)
    expect(answered).toEqual([])
    await runtime.advanceAsync(1)
    expect(answered).toEqual(['a1: no a'])
    expect(runtime.timerCount).toBe(0)
  })

  it('for a busy key, even if the clock would free one too late', async () => {
    const { enter, freeIn, release, answered, runtime } = setUp()
    freeIn('a', 60_000, true)
    enter('a1', { waitMs: 500 })
    await runtime.advanceAsync(400)
    release('a')
    await promisesSettled()
    expect(answered).toEqual(['a1: served'])
  })

  it('not at all when nothing can free a key, or its time is over', () => {
    const { enter, counter, answered, runtime } = setUp()
    counter.releases.set('a', { kind: 'refusal', freeAt: Number.POSITIVE_INFINITY, isBusy: false })
    enter('a1', { waitMs: Number.POSITIVE_INFINITY })
    enter('b1', { waitMs: 0 })
    expect(answered).toEqual(['a1: no a', 'b1: no b'])
    expect(runtime.timerCount).toBe(0)
  })

  it('without a timer when it has all the time in the world and only an event can free a key', async () => {
    const { enter, release, answered, runtime } = setUp()
    enter('a1', { waitMs: Number.POSITIVE_INFINITY })
    expect(runtime.timerCount).toBe(0)
    release('a')
    await promisesSettled()
    expect(answered).toEqual(['a1: served'])
  })

  it('on the refusal of a try before, and is not tried again for it', () => {
    const { enter, asked, answered, runtime } = setUp()
    const refusal: Refused = {
      kind: 'refusal' as const,
      why: 'mine',
      freeAt: runtime.now() + 100,
      isBusy: false,
    }
    enter('a1', { refusal, waitMs: 50 })
    enter('a2', { refusal, waitMs: 100 })
    expect(asked).toEqual([])
    expect(answered).toEqual(['a1: mine'])
  })
})

describe('a request is refused at once', () => {
  it('when the release moves beyond its time, wherever it stands; the others wait on', async () => {
    const { enter, freeIn, answered, runtime, queue, asked } = setUp()
    freeIn('a', 1_000)
    for (const [name, waitMs] of [
      ['a1', 9_000],
      ['a2', 1_500],
      ['a3', 2_000],
      ['a4', 1_999],
    ] as const)
      enter(name, { waitMs })
    asked.length = 0
    await runtime.advanceAsync(400)
    freeIn('a', 1_600)
    queue.wake('a')
    await promisesSettled()
    expect(answered.toSorted()).toEqual(['a2: no a', 'a4: no a'])
    expect(asked).toEqual(['a1'])
    expect(queue.size).toBe(2)
  })

  it('with the true time, when a release that was due did not come', async () => {
    const { queue, runtime } = setUp()
    const start = runtime.now()
    let freeAt = start + 100
    const own = new WaitQueue<{ model: string }, { kind: 'place'; key: string }, Refused>({
      serve: () => ({ kind: 'refusal', why: 'cooling', freeAt, isBusy: false }),
      whenFull: (refusal) => refusal,
      runtime,
      limit: 10,
    })
    const answer = own.enqueue({ model: 'a' }, { deadlineAt: runtime.monotonic() + 200 })
    freeAt = start + 5_000
    await runtime.advanceAsync(100)
    expect(await answer).toEqual({
      kind: 'refusal' as const,
      why: 'cooling',
      freeAt: start + 5_000,
      isBusy: false,
    })
    expect(runtime.now()).toBe(start + 100)
    expect(queue.size).toBe(0)
  })

  it('as a newcomer, by what the line knows', () => {
    const { enter, freeIn, answered, asked } = setUp()
    freeIn('a', 1_000)
    enter('a1', { waitMs: 2_000 })
    enter('a2', { waitMs: 900 })
    expect(answered).toEqual(['a2: no a'])
    expect(asked).toEqual(['a1'])
  })

  it('when the wait of the one before it was the reason to wait, and that one was refused', async () => {
    const under = setUp()
    const { enter, freeIn, counter, answered, runtime, queue } = under
    freeIn('a', 100)
    enter('a1', { waitMs: 100 })
    enter('a2', { waitMs: 1_000 })
    await runtime.advanceAsync(50)
    freeIn('a', 200)
    // The first one's own reasons, if it had any, went with it.
    under.onServe = ({ name }) => void counter.free.set('a', name === 'a2' ? 1 : 0)
    queue.wake()
    await promisesSettled()
    expect(answered).toEqual(['a1: no a', 'a2: served'])
  })

  it('alone, when nothing can ever free what it asks for: those behind it may ask for less', async () => {
    const under = setUp()
    const { enter, freeIn, counter, answered, runtime } = under
    freeIn('a', 100)
    for (const name of ['a-giant', 'a2', 'a3']) enter(name, { waitMs: 1_000 })
    under.onServe = ({ name }) => {
      if (name === 'a-giant')
        counter.releases.set('a', { kind: 'refusal', freeAt: Number.POSITIVE_INFINITY, isBusy: false })
      else freeIn('a', 300)
      counter.free.set('a', name === 'a2' ? 1 : 0)
    }
    await runtime.advanceAsync(100)
    expect(answered).toEqual(['a-giant: no a', 'a2: served'])
    under.onServe = () => void counter.free.set('a', 1)
    await runtime.advanceAsync(300)
    expect(answered.at(-1)).toBe('a3: served')
  })
})

describe('time', () => {
  it('needs one timer for all, at the earliest release or deadline', async () => {
    const { enter, freeIn, counter, answered, runtime } = setUp()
    freeIn('a', 300)
    enter('a1')
    enter('b1', { waitMs: 200 })
    freeIn('c', 100)
    enter('c1')
    expect(runtime.timerCount).toBe(1)
    counter.free.set('a', 1)
    counter.free.set('c', 1)
    await runtime.advanceAsync(100)
    expect(answered).toEqual(['c1: served'])
    await runtime.advanceAsync(100)
    expect(answered).toEqual(['c1: served', 'b1: no b'])
    await runtime.advanceAsync(100)
    expect(answered).toEqual(['c1: served', 'b1: no b', 'a1: served'])
    expect(runtime.timerCount).toBe(0)
  })

  it('is not wasted on a release that is said to be due but is not: ten tries a second', async () => {
    const { enter, freeIn, asked, answered, runtime } = setUp()
    freeIn('a', 0)
    enter('a1', { waitMs: 1_000 })
    asked.length = 0
    await runtime.advanceAsync(1_000)
    expect(asked).toHaveLength(10)
    expect(answered).toEqual(['a1: no a'])
  })

  it('may be longer than a timer: a release in 100 days does not come at once', async () => {
    const { enter, freeIn, counter, asked, answered, runtime } = setUp()
    const days = 100 * 86_400_000
    freeIn('a', days)
    enter('a1', { waitMs: Number.POSITIVE_INFINITY })
    asked.length = 0
    await runtime.advanceAsync(days - 1)
    expect(asked).toEqual([])
    counter.free.set('a', 1)
    await runtime.advanceAsync(1)
    expect(answered).toEqual(['a1: served'])
  })

  it('that is set back makes no request wait longer', async () => {
    const { enter, answered, runtime } = setUp()
    enter('a1', { waitMs: 1_000 })
    await runtime.advanceAsync(400)
    runtime.shiftClock(-3_600_000)
    await runtime.advanceAsync(599)
    expect(answered).toEqual([])
    await runtime.advanceAsync(1)
    expect(answered).toEqual(['a1: no a'])
  })

  it('that a timer needs to come is not held against a release that came in time, within reason', async () => {
    const { enter, freeIn, counter, answered, runtime } = setUp()
    for (const model of ['a', 'b']) freeIn(model, 1_000)
    enter('a1', { waitMs: 1_000 })
    enter('b1', { waitMs: 1_000 })
    counter.free.set('a', 1)
    runtime.stall(1_050)
    await runtime.advanceAsync(0)
    expect(answered).toEqual(['a1: served', 'b1: no b'])
    freeIn('a', 1_000)
    enter('a2', { waitMs: 1_000 })
    counter.free.set('a', 1)
    runtime.stall(1_051)
    await runtime.advanceAsync(0)
    expect(answered[2]).toBe('a2: no a')
  })

  it('that is set forth ends no wait before its time', async () => {
    const { enter, answered, runtime, queue, release, asked } = setUp()
    enter('a1', { waitMs: 1_000 })
    enter('a2', { waitMs: 7_200_000 })
    asked.length = 0
    runtime.shiftClock(3_600_000)
    release('a')
    await promisesSettled()
    expect(answered).toEqual(['a1: served'])
    expect(asked).toEqual(['a1', 'a2'])
    await runtime.advanceAsync(7_200_000)
    expect(answered).toEqual(['a1: served', 'a2: no a'])
    expect(queue.size).toBe(0)
    expect(runtime.timerCount).toBe(0)
  })

  it('does not matter to those who are served when a busy key is free again', async () => {
    const { enter, counter, release, answered, runtime } = setUp()
    counter.releases.set('a', busy)
    for (let at = 0; at < 3; at++) enter(`a${at}`, { waitMs: 100 })
    release('a', 3)
    await runtime.advanceAsync(1_000)
    expect(answered).toEqual(['a0: served', 'a1: served', 'a2: served'])
  })
})
