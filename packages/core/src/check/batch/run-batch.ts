import { setMaxListeners } from 'node:events'
import type { Runtime } from '../../runtime/runtime.js'
import { sleep, unlessStopped } from '../../runtime/sleep.js'
import { DelayQueue } from './delay-queue.js'

/** How a batch of checks is paced. */
export interface BatchOptions {
  /** Checks at the same time. @default 8 */
  readonly concurrency?: number
  /** Pause of a worker after each check, in milliseconds; a pair is a range to draw from. @default 0 */
  readonly intervalMs?: number | readonly [number, number]
  /** Stops the batch: no new check begins, and running ones receive the signal. */
  readonly signal?: AbortSignal
}

export const defaultConcurrency = 8

/** The result of work that is to be repeated later. Once the batch stops, it is not repeated. */
export class Delayed {
  readonly delayMs: number

  constructor(delayMs: number) {
    this.delayMs = delayMs
  }
}

export type Work<Subject, Result> = (subject: Subject, signal: AbortSignal) => Promise<Result | Delayed>

/** Results kept for the caller, beyond one for each worker. Workers pause until the caller has fetched some. */
const unfetchedLimit = 64

/**
 * Runs `work` over the subjects, a few at a time, and yields each result as it comes. A worker takes a subject only
 * when it is free, so a million subjects need no memory; delayed ones are kept in a bounded queue. The batch ends
 * early, without an error, when the signal fires. The signal of `work` fires then, and when the caller stops fetching
 * results.
 */
export async function* runBatch<Subject, Result>(
  subjects: Iterable<Subject> | AsyncIterable<Subject>,
  work: Work<Subject, Result>,
  options: BatchOptions,
  runtime: Runtime,
): AsyncGenerator<Result> {
  const batch = new Batch(subjects, work, options, runtime)
  try {
    yield* batch.results()
  } finally {
    await batch.stop()
  }
}

class Batch<Subject, Result> {
  readonly #work: Work<Subject, Result>
  readonly #options: BatchOptions
  readonly #runtime: Runtime
  readonly #subjects: Iterator<Subject> | AsyncIterator<Subject>
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #delayed = new DelayQueue<Subject>()
  readonly #results: Result[] = []
  readonly #resultLimit: number
  readonly #workers: Promise<unknown>
  #isSourceDone = false
  #isRunning = true
  #lastPull: Promise<unknown> = Promise.resolve()
  #onResult = () => {}
  #onFetched: (() => void)[] = []

  constructor(
    subjects: Iterable<Subject> | AsyncIterable<Subject>,
    work: Work<Subject, Result>,
    options: BatchOptions,
    runtime: Runtime,
  ) {
    this.#work = work
    this.#options = options
    this.#runtime = runtime
    this.#subjects =
      Symbol.asyncIterator in subjects ? subjects[Symbol.asyncIterator]() : subjects[Symbol.iterator]()
    const { signal } = options
    this.#signal = signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal])
    // Each worker adds a listener, and there may be many workers.
    setMaxListeners(0, this.#signal)
    const { concurrency = defaultConcurrency } = options
    this.#resultLimit = concurrency + unfetchedLimit
    this.#workers = Promise.all(Array.from({ length: concurrency }, () => this.#runWorker())).finally(() => {
      this.#isRunning = false
      this.#onResult()
    })
    // `results` awaits the workers and rejects with their failure. Until then it is not an unhandled rejection.
    this.#workers.catch(() => {})
  }

  async *results(): AsyncGenerator<Result> {
    while (this.#isRunning || this.#results.length > 0) {
      if (this.#results.length > 0) {
        yield this.#results.shift() as Result
        if (this.#results.length < this.#resultLimit) for (const go of this.#onFetched.splice(0)) go()
      } else {
        await new Promise<void>((resolve) => {
          this.#onResult = resolve
        })
      }
    }
    await this.#workers
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#workers.catch(() => {})
    // Not awaited: a source that never gives its next subject, such as an open pipe, would never return either.
    if (!this.#isSourceDone) void Promise.resolve(this.#subjects.return?.()).catch(() => {})
  }

  async #runWorker(): Promise<void> {
    let subject = await this.#next()
    while (subject !== undefined && !this.#signal.aborted) {
      const result = await this.#work(subject.value, this.#signal)
      if (result instanceof Delayed)
        this.#delayed.add(subject.value, this.#runtime.monotonic() + result.delayMs)
      else await this.#give(result)
      if (!this.#isSourceDone)
        await sleep(intervalOf(this.#options, this.#runtime), this.#runtime, this.#signal)
      subject = await this.#next()
    }
  }

  async #give(result: Result): Promise<void> {
    this.#results.push(result)
    this.#onResult()
    if (this.#results.length < this.#resultLimit) return
    await unlessStopped(new Promise<void>((resolve) => this.#onFetched.push(resolve)), this.#signal)
  }

  /** A delayed subject that is due, else a new one, else the first delayed one once it is due. */
  async #next(): Promise<{ readonly value: Subject } | undefined> {
    while (!this.#signal.aborted) {
      const due = this.#delayed.takeDue(this.#runtime.monotonic())
      if (due !== undefined) return due
      if (!this.#isSourceDone && !this.#delayed.isFull) {
        const fresh = await this.#pull()
        if (fresh !== undefined) return fresh
      } else if (this.#delayed.nextAt === undefined) return undefined
      else await sleep(this.#delayed.nextAt - this.#runtime.monotonic(), this.#runtime, this.#signal)
    }
    return undefined
  }

  /** Takes a new subject for one worker at a time: some sources cannot be asked for two at once. */
  async #pull(): Promise<{ readonly value: Subject } | undefined> {
    const pulled = this.#lastPull.then(async () =>
      this.#isSourceDone ? undefined : await this.#subjects.next(),
    )
    this.#lastPull = pulled.catch(() => {})
    const next = await unlessStopped(pulled, this.#signal)
    if (next === undefined) return undefined
    if (next.done !== true) return { value: next.value }
    this.#isSourceDone = true
    return undefined
  }
}

function intervalOf({ intervalMs = 0 }: BatchOptions, runtime: Runtime): number {
  if (typeof intervalMs === 'number') return intervalMs
  const [from, to] = intervalMs
  return from + runtime.random() * (to - from)
}
