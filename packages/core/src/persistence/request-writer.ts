import { KeyPoolError } from '../errors.js'
import type { PoolEmitter } from '../events.js'
import { maskTokens } from '../mask.js'
import type { Runtime, Timer } from '../runtime/runtime.js'
import type { RequestStore } from '../store/memory/memory-requests.js'
import type { RequestKeep, RequestPage, RequestQuery, StoredRequest } from '../store/stored-request.js'

/** Time from a first entry to its being stored: no more than one write a second. */
const saveDelayMs = 1_000
/** The longest time between two tries while the store fails. */
const longestRetryMs = 30_000
/** How often a store that goes on failing is reported. */
const reportEveryMs = 60_000
/** Entries held at most while the store is slow or fails. Further ones are dropped and counted. */
const mostWaiting = 10_000

/** The log of the requests that a gateway served. */
export interface PoolRequests {
  /** Whether a log is kept. */
  readonly isKept: boolean
  /** Adds a request that has ended; it is written soon. */
  add(request: StoredRequest): void
  /**
   * A page of the log, with everything that was added. Rejects with a `RangeError` for a wrong cursor, with
   * `store_failed` when the store cannot be read.
   */
  read(query: RequestQuery): Promise<RequestPage>
}

export interface RequestWriterParts {
  readonly store: RequestStore
  /** Null where no log is kept. */
  readonly keep: RequestKeep | null
  readonly runtime: Runtime
  readonly events: PoolEmitter
}

/** Writes the log of requests off the request path, at most once a second. */
export class RequestWriter implements PoolRequests {
  readonly isKept: boolean
  readonly #parts: RequestWriterParts
  #waiting: StoredRequest[] = []
  #dropped = 0
  #timer: Timer | undefined
  #saving: Promise<void> | null = null
  #failures = 0
  #reportedAt = Number.NEGATIVE_INFINITY
  #isClosed = false

  constructor(parts: RequestWriterParts) {
    this.#parts = parts
    this.isKept = parts.keep !== null
  }

  add(request: StoredRequest): void {
    if (!this.isKept) return
    if (this.#waiting.length >= mostWaiting) this.#dropped++
    else this.#waiting.push(request)
    if (this.#timer === undefined) this.#saveLater(saveDelayMs)
  }

  async read(query: RequestQuery): Promise<RequestPage> {
    await this.flush()
    return this.#parts.store.readRequests(query)
  }

  /** Writes everything that waits. Failures are reported, and tried again later. */
  async flush(): Promise<void> {
    while (this.#saving !== null) await this.#saving
    if (this.#timer !== undefined) this.#parts.runtime.clearTimer(this.#timer)
    this.#timer = undefined
    if (this.#waiting.length === 0) return
    this.#saving = this.#save().finally(() => {
      this.#saving = null
    })
    await this.#saving
  }

  async close(): Promise<void> {
    await this.flush()
    this.#isClosed = true
    if (this.#timer !== undefined) this.#parts.runtime.clearTimer(this.#timer)
  }

  async #save(): Promise<void> {
    const { store, keep, runtime } = this.#parts
    if (keep === null) return
    const entries = this.#waiting
    this.#waiting = []
    try {
      await store.addRequests({ entries: entries.map(withoutTokens), keep, now: runtime.now() })
      this.#failures = 0
      this.#tellDropped()
    } catch (error) {
      this.#keepWaiting(entries)
      this.#failures++
      this.#report(error instanceof Error ? error : new Error(String(error)))
      this.#saveLater(Math.min(saveDelayMs * 2 ** this.#failures, longestRetryMs))
    }
  }

  /** The first to come stay the first. */
  #keepWaiting(entries: StoredRequest[]): void {
    const all = entries.concat(this.#waiting)
    this.#dropped += Math.max(all.length - mostWaiting, 0)
    this.#waiting = all.slice(0, mostWaiting)
  }

  #tellDropped(): void {
    const count = this.#dropped
    if (count === 0) return
    this.#dropped = 0
    this.#reportedAt = Number.NEGATIVE_INFINITY
    const what = count === 1 ? '1 request is' : `${count} requests are`
    const message = `${what} missing in the request log, because the store was slow or failed; they were served`
    this.#report(new KeyPoolError('store_failed', message))
  }

  #saveLater(delayMs: number): void {
    if (this.#isClosed) return
    this.#timer ??= this.#parts.runtime.setTimer(() => void this.flush(), delayMs)
  }

  #report(error: Error): void {
    const now = this.#parts.runtime.monotonic()
    if (now - this.#reportedAt < reportEveryMs) return
    this.#reportedAt = now
    this.#parts.events.emit('store-error', { error })
  }
}

/** Whoever pastes a key into the wrong field must not find it in a log. */
function withoutTokens(request: StoredRequest): StoredRequest {
  const { id, userAgent, path, model, servedModel } = request
  if (![id, userAgent, path, model, servedModel].some((text) => text !== null && looksSecret.test(text)))
    return request
  const masked = <T extends string | null>(text: T): T => (text === null ? text : (maskTokens(text) as T))
  return {
    ...request,
    id: masked(id),
    userAgent: masked(userAgent),
    path: masked(path),
    model: masked(model),
    servedModel: masked(servedModel),
  }
}

/** Worth a closer look. */
const looksSecret = /\bsk-/i
