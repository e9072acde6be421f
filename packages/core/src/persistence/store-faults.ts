import type { PoolEmitter } from '../events.js'
import type { Runtime, Timer } from '../runtime/runtime.js'

/** The same fault is said again after this time. */
const silenceMs = 60_000
/** Different faults that are said in that time. A store with many damaged rows has as many messages. */
const maxMessages = 16
const firstRetryMs = 1_000
const longestRetryMs = 5_000

/** Why the store cannot be used at present. */
export interface StoreFault {
  readonly message: string
  /** Since when, in milliseconds since the Unix epoch. */
  readonly since: number
}

/**
 * Knows whether the store works. While it does not, the pool serves with what is in memory: a fault is said once a
 * minute, and what could not be written is tried again until it is.
 */
export class StoreFaults {
  readonly #runtime: Runtime
  readonly #events: PoolEmitter
  readonly #retries: (() => Promise<void>)[] = []
  /** When each message was said last, by the monotonic clock. */
  readonly #said = new Map<string, number>()
  #current: StoreFault | null = null
  /** What the store says of itself, until it takes that back. */
  #standing: unknown = null
  #reportCount = 0
  #retryMs = firstRetryMs
  #timer: Timer | undefined
  #isRetrying = false
  #isClosed = false

  constructor(runtime: Runtime, events: PoolEmitter) {
    this.#runtime = runtime
    this.#events = events
  }

  get current(): StoreFault | null {
    return this.#current
  }

  /** Takes work that is repeated while the store fails. It must not reject: what fails in it is reported here. */
  onRetry(work: () => Promise<void>): void {
    this.#retries.push(work)
  }

  /** Reports that the store could not be read or written. */
  report(error: unknown): void {
    if (this.#isClosed) return
    const known = error instanceof Error ? error : new Error(String(error))
    this.#reportCount += 1
    this.#current = { message: known.message, since: this.#current?.since ?? this.#runtime.now() }
    this.#say(known)
    if (!this.#isRetrying) this.#retryLater()
  }

  /** Takes a fault that the store found by itself, or null when it is over. */
  stand(error: unknown): void {
    this.#standing = error
    if (error !== null) this.report(error)
    // What could not be written meanwhile need not wait longer.
    else if (this.#timer !== undefined) void this.#retry()
  }

  close(): void {
    this.#isClosed = true
    this.#rest()
  }

  async #retry(): Promise<void> {
    this.#rest()
    const before = this.#reportCount
    this.#isRetrying = true
    for (const work of this.#retries) await work()
    this.#isRetrying = false
    if (this.#isClosed) return
    if (this.#reportCount === before && this.#standing === null) return this.#heal()
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs)
    this.#retryLater()
  }

  #retryLater(): void {
    this.#timer ??= this.#runtime.setTimer(() => void this.#retry(), this.#retryMs)
  }

  #heal(): void {
    const since = this.#current?.since
    this.#current = null
    this.#retryMs = firstRetryMs
    this.#said.clear()
    if (since !== undefined) this.#events.emit('store-recovered', { failedMs: this.#runtime.now() - since })
  }

  #say(error: Error): void {
    const now = this.#runtime.monotonic()
    for (const [message, at] of this.#said) if (now - at >= silenceMs) this.#said.delete(message)
    if (this.#said.has(error.message) || this.#said.size >= maxMessages) return
    this.#said.set(error.message, now)
    this.#events.emit('store-error', { error })
  }

  #rest(): void {
    if (this.#timer !== undefined) this.#runtime.clearTimer(this.#timer)
    this.#timer = undefined
  }
}
