import { AlarmClock } from '../runtime/alarm-clock.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Grant } from '../selection/grant.js'

/**
 * The grants behind leases of callers with clients of their own, who may lose them. Those that are not settled in time
 * are given back. They form a list by when they are due, which is the order they were issued in, because all have the
 * same time.
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

  /** Gives the grant back by itself unless it is settled in time. To be called right after it was made. */
  watch(grant: Grant): void {
    grant.dueAt = grant.begunAt + this.#timeoutMs
    grant.dueBefore = this.#newest
    if (this.#newest === null) this.#oldest = grant
    else this.#newest.dueAfter = grant
    this.#newest = grant
    this.#clock.set(grant.dueAt)
  }

  /** Any grant was settled, watched or not. */
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
