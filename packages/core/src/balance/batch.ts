import { ConfigError } from '../errors.js'
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
 * worker is free, so a million of them need no memory. Ends early, without an error, when the signal fires.
 */
export async function* runBatch<Subject, Result>(
  subjects: Iterable<Subject>,
  work: (subject: Subject) => Promise<Result>,
  options: BatchOptions,
  runtime: Runtime,
): AsyncGenerator<Result> {
  const { concurrency = defaultConcurrency, signal } = options
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new ConfigError('concurrency', 'must be a whole number from 1', concurrency)
  }
  const queue = subjects[Symbol.iterator]()
  const finished: Result[] = []
  let isStopped = false
  let failure: unknown
  let notify = () => {}

  const runWorker = async (): Promise<void> => {
    while (!isStopped && signal?.aborted !== true) {
      const next = queue.next()
      if (next.done === true) return
      finished.push(await work(next.value))
      notify()
      await pause(intervalOf(options, runtime), runtime, signal)
    }
  }
  let isRunning = true
  const workers = Promise.all(Array.from({ length: concurrency }, runWorker))
    .catch((error: unknown) => {
      failure = error
      isStopped = true
    })
    .finally(() => {
      isRunning = false
      notify()
    })

  try {
    while (isRunning || finished.length > 0) {
      const result = finished.shift()
      if (result !== undefined) yield result
      else if (isRunning) {
        await new Promise<void>((resolve) => {
          notify = resolve
        })
      }
    }
    if (failure !== undefined) throw failure
  } finally {
    isStopped = true
    await workers
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
