import { LazyHeap } from '../collections/lazy-heap.js'
import { AlarmClock } from '../runtime/alarm-clock.js'
import type { Runtime } from '../runtime/runtime.js'

/** What recovery is handed: it knows neither keys nor the upstream. */
export interface ProbeSchedulerParts<Answer> {
  /** Asks. To end soon after the signal fires. One that throws found nothing out: it is tried again a minute later. */
  readonly probe: (id: string, signal: AbortSignal) => Promise<Answer>
  /** Told of every answer that still matters. May schedule the next probe. Must not throw. */
  readonly learned: (id: string, answer: Answer) => void
  readonly runtime: Runtime
  /** Probes at the same time. @default 4 */
  readonly concurrency?: number
}

const defaultConcurrency = 4
const retryMs = 60_000

interface Appointment {
  readonly id: string
  /** On the alarm clock. */
  readonly at: number
  isOff: boolean
}

/** Probes at appointed times, a few at once; whoever finds no place then waits, the earliest date first. */
export class ProbeScheduler<Answer> {
  readonly #parts: ProbeSchedulerParts<Answer>
  readonly #concurrency: number
  readonly #clock: AlarmClock
  readonly #appointments = new Map<string, Appointment>()
  readonly #byDate = new LazyHeap<Appointment>(
    (one, other) => one.at < other.at,
    ({ isOff }) => isOff,
  )
  /** The running probe of each id whose answer still matters. */
  readonly #running = new Map<string, AbortController>()
  /** All that run, until they are over. */
  readonly #probes = new Set<Promise<void>>()
  #isClosed = false

  constructor(parts: ProbeSchedulerParts<Answer>) {
    this.#parts = parts
    this.#concurrency = parts.concurrency ?? defaultConcurrency
    this.#clock = new AlarmClock(parts.runtime, () => this.#startDue())
  }

  /** Probes at that instant (milliseconds since the Unix epoch) instead of any other of that id, running or to come. */
  schedule(id: string, at: number): void {
    if (this.#isClosed) return
    this.cancel(id)
    const appointment = { id, at: this.#clock.instant(at), isOff: false }
    this.#appointments.set(id, appointment)
    this.#byDate.push(appointment)
    this.#awaitNext()
  }

  /** Forgets the probe of that id; one that is running is told to stop, and its answer is not wanted any more. */
  cancel(id: string): void {
    this.#running.get(id)?.abort()
    this.#running.delete(id)
    const appointment = this.#appointments.get(id)
    if (appointment === undefined) return
    this.#appointments.delete(id)
    appointment.isOff = true
    this.#byDate.markRemoved()
    if (this.#appointments.size === 0) this.#clock.clear()
  }

  /** Cancels everything; resolves when no probe runs any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const id of [...this.#appointments.keys(), ...this.#running.keys()]) this.cancel(id)
    await Promise.all(this.#probes)
  }

  #startDue(): void {
    const now = this.#clock.now()
    for (let next = this.#byDate.peek(); next !== undefined; next = this.#byDate.peek()) {
      if (next.at > now || this.#probes.size >= this.#concurrency) break
      this.#byDate.pop()
      this.#appointments.delete(next.id)
      this.#start(next.id)
    }
    this.#awaitNext()
  }

  /** While all places are taken, the end of a probe is what to wait for. */
  #awaitNext(): void {
    const next = this.#byDate.peek()
    if (next !== undefined && this.#probes.size < this.#concurrency) this.#clock.set(next.at)
  }

  #start(id: string): void {
    const stop = new AbortController()
    this.#running.set(id, stop)
    const probe = this.#ask(id, stop.signal).then((told) => {
      this.#probes.delete(probe)
      if (!stop.signal.aborted) {
        this.#running.delete(id)
        if (told === undefined) this.schedule(id, this.#parts.runtime.now() + retryMs)
        else this.#parts.learned(id, told.answer)
      }
      this.#startDue()
    })
    this.#probes.add(probe)
  }

  /** Undefined when nothing was found out. */
  async #ask(id: string, signal: AbortSignal): Promise<{ readonly answer: Answer } | undefined> {
    try {
      return { answer: await this.#parts.probe(id, signal) }
    } catch {
      return undefined
    }
  }
}
