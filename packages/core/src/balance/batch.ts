import type { Runtime } from '../runtime.js'

/** How a batch of checks is paced. */
export interface BatchOptions {
  /** Checks at the same time. @default 8 */
  readonly concurrency?: number
  /** Pause of a worker after each check, in milliseconds; a pair draws from a range. @default 0 */
  readonly intervalMs?: number | readonly [number, number]
  /** Stops: no new check begins, and running ones see the signal themselves. */
  readonly signal?: AbortSignal
}

export const defaultConcurrency = 8

/**
 * Runs `work` over the subjects, a few at a time, and gives each result as it comes. A subject is taken only when a
 * worker is free, so a million of them need no memory. Ends early, without an error, when the signal fires; `work` is
 * told by its own signal, which fires as well when nobody wants more results.
 */
export async function* runBatch<Subject, Result>(
  subjects: Iterable<Subject>,
  work: (subject: Subject, signal: AbortSignal) => Promise<Result>,
  options: BatchOptions,
  runtime: Runtime,
): AsyncGenerator<Result> {
  const { concurrency = defaultConcurrency } = options
  const stop = new AbortController()
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal])
  const queue = subjects[Symbol.iterator]()
  const finished: Result[] = []
  let notify = () => {}

  const runWorker = async (): Promise<void> => {
    let next = queue.next()
    while (next.done !== true && !signal.aborted) {
      finished.push(await work(next.value, signal))
      notify()
      next = queue.next()
      if (next.done !== true) await pause(intervalOf(options, runtime), runtime, signal)
    }
  }
  let isRunning = true
  const workers = Promise.all(Array.from({ length: concurrency }, runWorker)).finally(() => {
    isRunning = false
    notify()
  })
  // Awaited below; until then a failure waits as well.
  workers.catch(() => {})

  try {
    while (isRunning || finished.length > 0) {
      if (finished.length > 0) yield finished.shift() as Result
      else {
        await new Promise<void>((resolve) => {
          notify = resolve
        })
      }
    }
    await workers
  } finally {
    stop.abort()
    await workers.catch(() => {})
  }
}

/** Resolves after a while, or at once when the signal fires. */
export function pause(lengthMs: number, runtime: Runtime, signal?: AbortSignal): Promise<void> {
  if (lengthMs <= 0 || signal?.aborted === true) return Promise.resolve()
  return new Promise((resolve) => {
    const end = () => {
      runtime.clearTimer(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = runtime.setTimer(end, lengthMs)
    signal?.addEventListener('abort', end, { once: true })
  })
}

function intervalOf({ intervalMs = 0 }: BatchOptions, runtime: Runtime): number {
  if (typeof intervalMs === 'number') return intervalMs
  const [from, to] = intervalMs
  return from + runtime.random() * (to - from)
}
