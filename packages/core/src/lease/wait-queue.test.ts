import { afterEach, describe, expect, it } from 'vitest'
import { promisesSettled } from '../testing/fake-runtime.js'
import { type WaitQueueUnderTest, waitQueueUnderTest } from './testing/wait-queue-under-test.js'

const queues: WaitQueueUnderTest[] = []

function setUp(options?: { limit?: number }): WaitQueueUnderTest {
  const under = waitQueueUnderTest(options)
  queues.push(under)
  return under
}

afterEach(() => {
  for (const { queue, runtime } of queues.splice(0)) {
    if (queue.size > 0) queue.close({ ...never, why: 'closed' })
    expect(runtime.timerCount).toBe(0)
  }
})

const never = { kind: 'refusal' as const, freeAt: Number.POSITIVE_INFINITY, isBusy: false }

describe('who comes first', () => {
  it('is served first, one for each place that comes free', async () => {
    const { enter, release, answered, queue } = setUp()
    for (const name of ['a1', 'a2', 'a3']) enter(name)
    expect(queue.size).toBe(3)
    release('a')
    await promisesSettled()
    expect(answered).toEqual(['a1: served'])
    release('a', 2)
    await promisesSettled()
    expect(answered).toEqual(['a1: served', 'a2: served', 'a3: served'])
    expect(queue.size).toBe(0)
  })

  it('is served at once when a place is free and no request waits', () => {
    const { enter, counter, answered, queue } = setUp()
    counter.free.set('a', 1)
    enter('a1')
    expect(answered).toEqual(['a1: served'])
    expect(queue.size).toBe(0)
  })

  it('is not overtaken by a newcomer for the same model', async () => {
    const { enter, counter, release, answered, asked, queue } = setUp()
    enter('a1')
    counter.free.set('a', 1)
    expect(queue.hasWaiting('a')).toBe(true)
    expect(queue.hasWaiting('b')).toBe(false)
    enter('a2')
    expect(asked).toEqual(['a1'])
    release('a', 0)
    await promisesSettled()
    expect(answered).toEqual(['a1: served'])
    expect(queue.hasWaiting('a')).toBe(true)
  })

  it('does not hold up those who wait for another model', async () => {
    const { enter, release, answered } = setUp()
    for (const name of ['a1', 'b1', 'a2', 'b2']) enter(name)
    release('b', 2)
    await promisesSettled()
    expect(answered).toEqual(['b1: served', 'b2: served'])
  })

  it('is tried first when models compete, and after each success the one that is first then', () => {
    const { enter, counter, asked, queue } = setUp()
    for (const name of ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']) enter(name)
    asked.length = 0
    counter.free.set('a', 2)
    counter.free.set('b', 1)
    queue.wake()
    expect(asked).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
    expect(queue.size).toBe(3)
  })
})

describe('who is bound to more than a model', () => {
  it('holds up no other, and no other holds it up', async () => {
    const under = setUp()
    const { enter, release, queue, answered } = under
    under.onServe = ({ name }) => {
      // Its account cools down.
      if (name.endsWith('@acme')) under.counter.free.set('a', 0)
    }
    enter('a1@acme')
    expect(queue.hasWaiting('a')).toBe(false)
    expect(queue.hasWaiting('a', 'acme')).toBe(true)
    under.counter.free.set('a', 1)
    enter('a2')
    expect(answered).toEqual(['a2: served'])
    enter('a3')
    under.onServe = () => {}
    enter('a4@other', { refusal: { kind: 'refusal' as const, why: 'mine', freeAt: 0, isBusy: true } })
    release('a', 3)
    await promisesSettled()
    expect(answered).toEqual(['a2: served', 'a1@acme: served', 'a3: served', 'a4@other: served'])
    expect(queue.hasWaiting('a', 'acme')).toBe(false)
  })

  it('comes first among those who are bound to the same', async () => {
    const { enter, release, answered, asked } = setUp()
    for (const name of ['a1@acme', 'a2@acme', 'a3@acme']) enter(name)
    expect(asked).toEqual(['a1@acme'])
    release('b', 3)
    release('a', 2)
    await promisesSettled()
    expect(answered).toEqual(['a1@acme: served', 'a2@acme: served'])
  })
})

describe('a full queue', () => {
  it('lets no other request in, whatever the model, until one has gone', async () => {
    const { enter, release, answered } = setUp({ limit: 2 })
    for (const name of ['a1', 'b1', 'b2', 'c1']) enter(name)
    expect(answered).toEqual(['b2: full', 'c1: full'])
    release('a')
    enter('c2')
    enter('c3')
    await promisesSettled()
    expect(answered.slice(2).toSorted()).toEqual(['a1: served', 'c3: full'])
  })

  it('still serves a request that need not wait, and says why to one that could not wait anyway', () => {
    const { enter, counter, answered } = setUp({ limit: 1 })
    enter('a1')
    counter.free.set('b', 1)
    counter.releases.set('c', never)
    for (const name of ['b1', 'c1', 'b2']) enter(name)
    expect(answered).toEqual(['b1: served', 'c1: no c', 'b2: full'])
  })

  it('may have no places', () => {
    const { enter, answered, runtime } = setUp({ limit: 0 })
    enter('a1')
    expect(answered).toEqual(['a1: full'])
    expect(runtime.timerCount).toBe(0)
  })
})

describe('a client that leaves', () => {
  it('is gone without a trace', async () => {
    const { enter, answered, queue, runtime } = setUp()
    const leave = enter('a1')
    leave()
    expect(queue.size).toBe(0)
    expect(queue.hasWaiting('a')).toBe(false)
    expect(runtime.timerCount).toBe(0)
    leave()
    await promisesSettled()
    expect(answered).toEqual(['a1: no a'])
  })

  it('lets the others move up, from the middle and from the front', async () => {
    const { enter, release, answered } = setUp()
    const [leaveFirst, leaveSecond] = ['a1', 'a2'].map((name) => enter(name))
    enter('a3')
    leaveSecond?.()
    leaveFirst?.()
    release('a')
    await promisesSettled()
    expect(answered).toEqual(['a2: no a', 'a1: no a', 'a3: served'])
  })

  it('has the request that is first now tried, soon and once, however many have left', async () => {
    const { enter, asked, runtime, answered } = setUp()
    const leaves = Array.from({ length: 50 }, (_, at) => enter(`a${at}`))
    enter('a-last')
    asked.length = 0
    for (const leave of leaves) leave()
    expect(asked).toEqual([])
    await runtime.advanceAsync(0)
    expect(asked).toEqual(['a-last'])
    expect(answered).toHaveLength(50)
  })

  it('changes nothing by leaving after it was served, refused or turned away', async () => {
    const { enter, release, answered, runtime, queue, counter } = setUp({ limit: 2 })
    const served = enter('a1')
    release('a')
    served()
    const late = enter('a2', { waitMs: 10 })
    runtime.advance(10)
    late()
    counter.releases.set('c', never)
    enter('c1')()
    enter('a3')
    await promisesSettled()
    expect(answered.toSorted()).toEqual(['a1: served', 'a2: no a', 'c1: no c'])
    expect(queue.size).toBe(1)
  })

  it('may have left before it begins to wait', async () => {
    const { enter, answered, queue } = setUp()
    enter('a1', { onAbort: (leave) => leave() })
    await promisesSettled()
    expect(answered).toEqual(['a1: no a'])
    expect(queue.size).toBe(0)
  })

  it('gets what it was given when it leaves in that very moment, for no other code could give it back', async () => {
    const under = setUp()
    const leave = under.enter('a1')
    under.onServe = leave
    under.release('a')
    await promisesSettled()
    expect(under.answered).toEqual(['a1: served'])
  })

  it('is answered once when it leaves while it is refused', async () => {
    const under = setUp()
    const leave = under.enter('a1')
    under.onServe = leave
    under.queue.wake('a')
    await promisesSettled()
    expect(under.answered).toEqual(['a1: no a'])
    expect(under.queue.size).toBe(0)
  })
})

describe('a closed queue', () => {
  it('refuses all who wait and all who come', async () => {
    const { enter, queue, answered, runtime, asked } = setUp()
    for (const name of ['a1', 'b1']) enter(name)
    queue.close({ ...never, why: 'closed' })
    expect(runtime.timerCount).toBe(0)
    enter('a2')
    queue.wake()
    await promisesSettled()
    expect(answered.toSorted()).toEqual(['a1: closed', 'a2: closed', 'b1: closed'])
    expect(asked).toEqual(['a1', 'b1'])
  })

  it('may be closed by what a request causes, and no request is lost', async () => {
    const under = setUp()
    for (const name of ['a1', 'a2', 'b1']) under.enter(name)
    under.onServe = () => under.queue.close({ ...never, why: 'closed' })
    under.queue.wake()
    await promisesSettled()
    expect(under.answered.toSorted()).toEqual(['a1: closed', 'a2: closed', 'b1: closed'])
    const other = setUp()
    other.onServe = () => other.queue.close({ ...never, why: 'closed' })
    other.enter('a1')
    expect(other.answered).toEqual(['a1: closed'])
  })
})

describe('waking', () => {
  it('serves no request when none waits, or none for that model', () => {
    const { queue, enter, asked } = setUp()
    queue.wake()
    enter('a1')
    asked.length = 0
    queue.wake('b')
    expect(asked).toEqual([])
  })

  it('asks for one more than it can serve, out of ten thousand', () => {
    const { enter, release, queue, asked } = setUp({ limit: 10_000 })
    for (let at = 0; at < 10_000; at++) enter(`a${at}`)
    expect(queue.size).toBe(10_000)
    expect(asked).toEqual(['a0'])
    asked.length = 0
    queue.wake()
    expect(asked).toEqual(['a0'])
    asked.length = 0
    release('a', 5)
    expect(asked).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5'])
  })

  it('does not recurse, but serves the requests that it woke itself', () => {
    const under = setUp()
    const { enter, queue, asked, counter } = under
    for (const name of ['a1', 'b1', 'b2']) enter(name)
    asked.length = 0
    let depth = 0
    under.onServe = ({ name }) => {
      expect(depth++).toBe(0)
      if (name === 'b1' && !counter.free.has('a')) {
        counter.free.set('a', 1)
        queue.wake('a')
      }
      depth--
    }
    queue.wake()
    expect(asked).toEqual(['a1', 'b1', 'a1'])
    expect(queue.hasWaiting('a')).toBe(false)
  })

  it('comes to an end even if every try wakes everybody', () => {
    const under = setUp()
    for (let at = 0; at < 10; at++) under.enter(`a${at}`)
    under.asked.length = 0
    under.onServe = () => under.queue.wake()
    under.release('a', 5)
    expect(under.queue.size).toBe(5)
    expect(under.asked.length).toBeLessThan(10)
  })

  it('keeps those in line who came in while it served', async () => {
    const under = setUp()
    under.onServe = ({ name }) => {
      if (name === 'a1') under.enter('a2')
    }
    under.enter('a1')
    under.onServe = () => {}
    expect(under.queue.size).toBe(2)
    under.release('a', 2)
    await promisesSettled()
    expect(under.answered).toHaveLength(2)
    expect(under.answered.every((line) => line.endsWith('served'))).toBe(true)
  })
})
