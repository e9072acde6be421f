import { describe, expect, it } from 'vitest'
import { sleep } from '../../runtime/sleep.js'
import { fakeRuntime, promisesSettled } from '../../testing/fake-runtime.js'
import { type BatchOptions, Delayed, runBatch } from './run-batch.js'

/** Work that waits until the test lets it end. */
function workshop() {
  const running = new Map<number, (result: number) => void>()
  const begun: number[] = []
  return {
    begun,
    running,
    work: (subject: number): Promise<number> => {
      begun.push(subject)
      return new Promise((resolve) => running.set(subject, resolve))
    },
    end(subject: number): void {
      running.get(subject)?.(subject)
      running.delete(subject)
    },
  }
}

/** Collects in the background what a batch gives. */
function collect<Result>(results: AsyncIterable<Result>): { got: Result[]; done: Promise<void> } {
  const got: Result[] = []
  const done = (async () => {
    for await (const result of results) got.push(result)
  })()
  return { got, done }
}

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at)

describe('a batch', () => {
  it('a batch runs as many subjects at a time as its concurrency, and yields each result as it comes', async () => {
    const { begun, work, end } = workshop()
    const { got, done } = collect(runBatch(range(5), work, { concurrency: 2 }, fakeRuntime()))
    await promisesSettled()
    expect(begun).toEqual([0, 1])
    end(1)
    await promisesSettled()
    expect(got).toEqual([1])
    expect(begun).toEqual([0, 1, 2])
    for (const subject of [2, 0, 3, 4]) {
      end(subject)
      await promisesSettled()
    }
    await done
    expect(got).toEqual([1, 2, 0, 3, 4])
  })

  it('a batch takes a subject only when a worker is free, so that endless lists need no memory', async () => {
    let taken = 0
    function* endless() {
      for (;;) yield taken++
    }
    for await (const result of runBatch(endless(), async (each) => each, { concurrency: 3 }, fakeRuntime())) {
      if (result === 100) break
    }
    expect(taken).toBeLessThan(1_000)
  })

  it('a batch without subjects ends at once', async () => {
    const { got, done } = collect(runBatch([], async () => 1, {}, fakeRuntime()))
    await done
    expect(got).toEqual([])
  })

  it('a batch runs work that returns nothing', async () => {
    const { got, done } = collect(
      runBatch(range(20), async () => undefined, { concurrency: 4 }, fakeRuntime()),
    )
    await done
    expect(got).toHaveLength(20)
  })

  it.each<[BatchOptions['intervalMs'], number, number]>([
    [500, 500, 500],
    [[200, 900], 200, 900],
  ])('a batch pauses %j ms after each check, but not after the last', async (intervalMs, least, most) => {
    const runtime = fakeRuntime()
    const begunAt: number[] = []
    const work = async () => begunAt.push(runtime.now())
    const options = { concurrency: 1, ...(intervalMs !== undefined && { intervalMs }) }
    const { done } = collect(runBatch(range(10), work, options, runtime))
    await runtime.advanceAsync(10_000)
    await done
    expect(runtime.timerCount).toBe(0)
    const pauses = begunAt.slice(1).map((at, index) => at - (begunAt[index] ?? 0))
    for (const each of pauses) expect(each).toBeGreaterThanOrEqual(least)
    for (const each of pauses) expect(each).toBeLessThanOrEqual(most)
    expect(new Set(pauses).size).toBe(least === most ? 1 : 9)
  })

  it('a batch whose signal fires begins no more work, aborts what runs, and ends without an error', async () => {
    const caller = new AbortController()
    const aborted: number[] = []
    const work = (subject: number, signal: AbortSignal): Promise<number> =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          aborted.push(subject)
          resolve(subject)
        })
      })
    const options = { concurrency: 2, signal: caller.signal }
    const { got, done } = collect(runBatch(range(9), work, options, fakeRuntime()))
    await promisesSettled()
    caller.abort()
    await done
    expect(aborted).toEqual([0, 1])
    expect(got).toEqual([0, 1])
  })

  it('a batch ends in the middle of a pause when its signal fires', async () => {
    const runtime = fakeRuntime()
    const caller = new AbortController()
    const options = { concurrency: 1, intervalMs: 60_000, signal: caller.signal }
    const { got, done } = collect(runBatch(range(3), async (each) => each, options, runtime))
    await promisesSettled()
    caller.abort()
    await done
    expect(got).toEqual([0])
    expect(runtime.timerCount).toBe(0)
  })

  it('a batch begins no work when its signal has fired before', async () => {
    const { begun, work } = workshop()
    const { done } = collect(runBatch(range(3), work, { signal: AbortSignal.abort() }, fakeRuntime()))
    await done
    expect(begun).toEqual([])
  })

  it('a batch aborts the running work when the caller stops fetching results', async () => {
    const aborted: number[] = []
    const work = async (subject: number, signal: AbortSignal): Promise<number> => {
      if (subject === 0) return subject
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(aborted.push(subject)))
      })
    }
    for await (const result of runBatch(range(9), work, { concurrency: 3 }, fakeRuntime())) {
      expect(result).toBe(0)
      break
    }
    expect(aborted).not.toEqual([])
  })

  it('a batch rejects with the failure of its work, after the results before it', async () => {
    const work = async (subject: number): Promise<number> => {
      if (subject === 3) throw new Error('broken')
      return subject
    }
    const { got, done } = collect(runBatch(range(9), work, { concurrency: 1 }, fakeRuntime()))
    await expect(done).rejects.toThrow('broken')
    expect(got).toEqual([0, 1, 2])
  })
})

describe('a batch with delayed work', () => {
  it('a batch does other work during a delay, and repeats the delayed work when it is due', async () => {
    const runtime = fakeRuntime()
    const begun: [number, number][] = []
    const from = runtime.now()
    const work = async (subject: number): Promise<number | Delayed> => {
      begun.push([subject, runtime.now() - from])
      return subject === 0 && begun.length === 1 ? new Delayed(1_000) : subject
    }
    const { got, done } = collect(runBatch(range(3), work, { concurrency: 1 }, runtime))
    await runtime.advanceAsync(5_000)
    await done
    expect(got).toEqual([1, 2, 0])
    expect(begun).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [0, 1_000],
    ])
  })

  it('a batch drops delayed work when its signal fires', async () => {
    const runtime = fakeRuntime()
    const caller = new AbortController()
    const options = { concurrency: 2, signal: caller.signal }
    const { got, done } = collect(runBatch(range(2), async () => new Delayed(60_000), options, runtime))
    await promisesSettled()
    caller.abort()
    await done
    expect(got).toEqual([])
    expect(runtime.timerCount).toBe(0)
  })

  it('a batch takes no new subjects while its delay queue is full', async () => {
    const runtime = fakeRuntime()
    let taken = 0
    function* endless() {
      for (;;) yield taken++
    }
    const caller = new AbortController()
    const options = { concurrency: 4, signal: caller.signal }
    const { done } = collect(runBatch(endless(), async () => new Delayed(60_000), options, runtime))
    for (let count = 0; count < 200; count++) await promisesSettled()
    expect(taken).toBeLessThan(1_010)
    caller.abort()
    await done
  })
})

describe('a batch over an asynchronous source', () => {
  it('a batch waits for the next subject of a slow source, and ends with the source', async () => {
    async function* slow() {
      for (const each of range(5)) {
        await promisesSettled()
        yield each
      }
    }
    const { got, done } = collect(runBatch(slow(), async (each) => each, { concurrency: 3 }, fakeRuntime()))
    await done
    expect(got.toSorted()).toEqual(range(5))
  })

  it('a batch ends at once when its signal fires, though the source never gives its next subject', async () => {
    const caller = new AbortController()
    async function* silent(): AsyncGenerator<number> {
      yield 0
      await new Promise(() => {})
    }
    const { got, done } = collect(
      runBatch(silent(), async (each) => each, { signal: caller.signal }, fakeRuntime()),
    )
    await promisesSettled()
    caller.abort()
    await done
    expect(got).toEqual([0])
  })

  it('a batch rejects with the failure of its source, after the results before it', async () => {
    async function* broken(): AsyncGenerator<number> {
      yield 0
      throw new Error('unreadable')
    }
    const { got, done } = collect(runBatch(broken(), async (each) => each, {}, fakeRuntime()))
    await expect(done).rejects.toThrow('unreadable')
    expect(got).toEqual([0])
  })
})

it('a batch stops taking subjects while its results are not fetched', async () => {
  let taken = 0
  function* endless() {
    for (;;) yield taken++
  }
  const results = runBatch(endless(), async (each) => each, { concurrency: 2 }, fakeRuntime())
  await results.next()
  for (let count = 0; count < 300; count++) await promisesSettled()
  expect(taken).toBeLessThan(100)
  for (let count = 0; count < 500; count++) await results.next()
  expect(taken).toBeGreaterThan(500)
  await results.return(undefined)
})

describe('sleep', () => {
  it('a sleep lasts its length', async () => {
    const runtime = fakeRuntime()
    let isOver = false
    void sleep(1_000, runtime).then(() => {
      isOver = true
    })
    await runtime.advanceAsync(999)
    expect(isOver).toBe(false)
    await runtime.advanceAsync(1)
    expect(isOver).toBe(true)
  })

  it('a sleep of no time, or after its signal has fired, sets no timer', async () => {
    const runtime = fakeRuntime()
    await sleep(0, runtime)
    await sleep(1_000, runtime, AbortSignal.abort())
    expect(runtime.timerCount).toBe(0)
  })
})
