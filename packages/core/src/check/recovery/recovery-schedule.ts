import { LazyHeap } from '../../collections/lazy-heap.js'
import { AlarmClock } from '../../runtime/alarm-clock.js'
import type { Runtime } from '../../runtime/runtime.js'

/** What the scheduler works with. It knows neither keys nor the upstream. */
export interface ProbeSchedulerParts<Answer> {
  /** Makes a probe. Must end soon after the signal fires. One that throws is tried again a minute later. */
  readonly probe: (id: string, signal: AbortSignal) => Promise<Answer>
  /** Receives the answer of every probe that was not cancelled. May schedule the next probe. Must not throw. */
  readonly onAnswer: (id: string, answer: Answer) => void
  readonly runtime: Runtime
  /** Probes at the same time. @default 4 */
  readonly concurrency?: number
}

const defaultConcurrency = 4
const retryMs = 60_000

interface ScheduledProbe {
  readonly id: string
  /** On the alarm clock. */
  readonly at: number
  isCancelled: boolean
}

/** Makes probes at set times, a few at once. Probes that find no place wait for one, the earliest first. */
export class RecoverySchedule<Answer> {
  readonly #parts: ProbeSchedulerParts<Answer>
  readonly #concurrency: number
  readonly #clock: AlarmClock
  readonly #scheduled = new Map<string, ScheduledProbe>()
  readonly #byTime = new LazyHeap<ScheduledProbe>(
    (one, other) => one.at < other.at,
    ({ isCancelled }) => isCancelled,
  )
  /** The running probe of each id that was not cancelled. */
  readonly #running = new Map<string, AbortController>()
  /** All running probes, cancelled ones included, until they end. */
  readonly #probes = new Set<Promise<void>>()
  #isClosed = false

  constructor(parts: ProbeSchedulerParts<Answer>) {
    this.#parts = parts
    this.#concurrency = parts.concurrency ?? defaultConcurrency
    this.#clock = new AlarmClock(parts.runtime, () => this.#startDue())
  }

  /** Probes at `at` (milliseconds since the Unix epoch), in place of any other probe of that id, running or to come. */
  schedule(id: string, at: number): void {
    if (this.#isClosed) return
    this.cancel(id)
    const probe = { id, at: this.#clock.instant(at), isCancelled: false }
    this.#scheduled.set(id, probe)
    this.#byTime.push(probe)
    this.#awaitNext()
  }

  /** Drops the scheduled probe of that id, aborts the running one, and ignores its answer. */
  cancel(id: string): void {
    this.#running.get(id)?.abort()
    this.#running.delete(id)
    const probe = this.#scheduled.get(id)
    if (probe === undefined) return
    this.#scheduled.delete(id)
    probe.isCancelled = true
    this.#byTime.markRemoved()
    if (this.#scheduled.size === 0) this.#clock.clear()
  }

  /** Cancels everything; resolves when no probe runs any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const id of [...this.#scheduled.keys(), ...this.#running.keys()]) this.cancel(id)
    await Promise.all(this.#probes)
  }

  #startDue(): void {
    const now = this.#clock.now()
    for (let next = this.#byTime.peek(); next !== undefined; next = this.#byTime.peek()) {
      if (next.at > now || this.#probes.size >= this.#concurrency) break
      this.#byTime.pop()
      this.#scheduled.delete(next.id)
      this.#start(next.id)
    }
    this.#awaitNext()
  }

  /** Sets the alarm for the next probe. While all places are taken, the end of a running probe starts it instead. */
  #awaitNext(): void {
    const next = this.#byTime.peek()
    if (next !== undefined && this.#probes.size < this.#concurrency) this.#clock.set(next.at)
  }

  #start(id: string): void {
    const stop = new AbortController()
    this.#running.set(id, stop)
    const probe = this.#probe(id, stop.signal).then((result) => {
      this.#probes.delete(probe)
      if (!stop.signal.aborted) {
        this.#running.delete(id)
        if (result === undefined) this.schedule(id, this.#parts.runtime.now() + retryMs)
        else this.#parts.onAnswer(id, result.answer)
      }
      this.#startDue()
    })
    this.#probes.add(probe)
  }

  /** Undefined when the probe failed. */
  async #probe(id: string, signal: AbortSignal): Promise<{ readonly answer: Answer } | undefined> {
    try {
      return { answer: await this.#parts.probe(id, signal) }
    } catch {
      return undefined
    }
  }
}
