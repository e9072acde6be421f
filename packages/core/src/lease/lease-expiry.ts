import { AlarmClock } from '../runtime/alarm-clock.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Grant } from '../selection/grant.js'

/**
 * Turns given out to callers with clients of their own, who may lose them. Those not settled in time are given back.
 * They form a list by when they are due, which is the order they were lent in, because all have the same time.
 */
export class LeaseExpiry {
  readonly #clock: AlarmClock
  readonly #timeoutMs: number
  readonly #onExpired: (grant: Grant) => void
  #oldest: Grant | null = null
  #newest: Grant | null = null

  constructor(runtime: Runtime, timeoutMs: number, onExpired: (grant: Grant) => void) {
    this.#clock = new AlarmClock(runtime, () => this.#expire())
    this.#timeoutMs = timeoutMs
    this.#onExpired = onExpired
  }

  /** To be told of a turn right after it has begun. */
  lend(grant: Grant): void {
    grant.dueAt = this.#clock.now(grant.startedAt) + this.#timeoutMs
    grant.dueBefore = this.#newest
    if (this.#newest === null) this.#oldest = grant
    else this.#newest.dueAfter = grant
    this.#newest = grant
    this.#clock.set(grant.dueAt)
  }

  /** Of any turn, lent or not. */
  returned(grant: Grant): void {
    const { dueBefore: before, dueAfter: after } = grant
    if (before !== null) before.dueAfter = after
    else if (this.#oldest === grant) this.#oldest = after
    if (after !== null) after.dueBefore = before
    else if (this.#newest === grant) this.#newest = before
    grant.dueBefore = null
    grant.dueAfter = null
  }

  close(): void {
    this.#oldest = null
    this.#newest = null
    this.#clock.clear()
  }

  #expire(): void {
    const now = this.#clock.now()
    for (let grant = this.#oldest; grant !== null; grant = this.#oldest) {
      if (grant.dueAt > now) return this.#clock.set(grant.dueAt)
      this.returned(grant)
      this.#onExpired(grant)
    }
  }
}
