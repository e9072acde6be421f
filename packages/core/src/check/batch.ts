import { setMaxListeners } from 'node:events'
import type { Runtime } from '../runtime/runtime.js'
import { sleep, unlessStopped } from '../runtime/sleep.js'
import { DelayQueue } from './delay-queue.js'

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

/** What work gives back when it is to be done again later. Once the batch stops, it is not done again. */
export class Delayed {
  readonly delayMs: number

  constructor(delayMs: number) {
    this.delayMs = delayMs
  }
}

export type Work<Subject, Result> = (subject: Subject, signal: AbortSignal) => Promise<Result | Delayed>

/** Results that nobody has fetched yet, beyond one for each worker. More work waits until some are fetched. */
const unfetchedLimit = 64

/**
 * Runs `work` over the subjects, a few at a time, and gives each result as it comes. A subject is taken only when a
 * worker is free, so a million of them need no memory; what is postponed is done in its time, and bounded. Ends early,
 * without an error, when the signal fires; `work` is told by its own signal, which fires as well when nobody wants more
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
  readonly #postponed = new DelayQueue<Subject>()
  readonly #results: Result[] = []
  readonly #limit: number
  readonly #workers: Promise<unknown>
  #isDry = false
  #isRunning = true
  #pull: Promise<unknown> = Promise.resolve()
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
    // Each worker listens, and there may be many.
    setMaxListeners(0, this.#signal)
    const { concurrency = defaultConcurrency } = options
    this.#limit = concurrency + unfetchedLimit
    this.#workers = Promise.all(Array.from({ length: concurrency }, () => this.#runWorker())).finally(() => {
      this.#isRunning = false
      this.#onResult()
    })
    // Awaited by whoever fetches; until then a failure waits as well.
    this.#workers.catch(() => {})
  }

  async *results(): AsyncGenerator<Result> {
    while (this.#isRunning || this.#results.length > 0) {
      if (this.#results.length > 0) {
        yield this.#results.shift() as Result
        if (this.#results.length < this.#limit) for (const go of this.#onFetched.splice(0)) go()
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
    // A source that never gives its next subject, such as an open pipe, is not waited for.
    if (!this.#isDry) void Promise.resolve(this.#subjects.return?.()).catch(() => {})
  }

  async #runWorker(): Promise<void> {
    let subject = await this.#next()
    while (subject !== undefined && !this.#signal.aborted) {
      const result = await this.#work(subject.value, this.#signal)
      if (result instanceof Delayed)
        this.#postponed.add(subject.value, this.#runtime.monotonic() + result.delayMs)
      else await this.#give(result)
      if (!this.#isDry) await sleep(intervalOf(this.#options, this.#runtime), this.#runtime, this.#signal)
      subject = await this.#next()
    }
  }

  async #give(result: Result): Promise<void> {
    this.#results.push(result)
    this.#onResult()
    if (this.#results.length < this.#limit) return
    await unlessStopped(new Promise<void>((resolve) => this.#onFetched.push(resolve)), this.#signal)
  }

  /** What is due of the postponed, else a new subject, else the first postponed one when its time has come. */
  async #next(): Promise<{ readonly value: Subject } | undefined> {
    while (!this.#signal.aborted) {
      const due = this.#postponed.takeDue(this.#runtime.monotonic())
      if (due !== undefined) return due
      if (!this.#isDry && !this.#postponed.isFull) {
        const fresh = await this.#takeFresh()
        if (fresh !== undefined) return fresh
      } else if (this.#postponed.nextAt === undefined) return undefined
      else await sleep(this.#postponed.nextAt - this.#runtime.monotonic(), this.#runtime, this.#signal)
    }
    return undefined
  }

  /** One worker at a time: not every source can be asked for two things at once. */
  async #takeFresh(): Promise<{ readonly value: Subject } | undefined> {
    const pulled = this.#pull.then(async () => (this.#isDry ? undefined : await this.#subjects.next()))
    this.#pull = pulled.catch(() => {})
    const next = await unlessStopped(pulled, this.#signal)
    if (next === undefined) return undefined
    if (next.done !== true) return { value: next.value }
    this.#isDry = true
    return undefined
  }
}

function intervalOf({ intervalMs = 0 }: BatchOptions, runtime: Runtime): number {
  if (typeof intervalMs === 'number') return intervalMs
  const [from, to] = intervalMs
  return from + runtime.random() * (to - from)
}
