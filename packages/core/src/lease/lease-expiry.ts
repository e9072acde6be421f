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
  readonly #onExpired: (turn: Grant) => void
  #oldest: Grant | null = null
  #newest: Grant | null = null

  constructor(runtime: Runtime, timeoutMs: number, onExpired: (turn: Grant) => void) {
    this.#clock = new AlarmClock(runtime, () => this.#expire())
    this.#timeoutMs = timeoutMs
    this.#onExpired = onExpired
  }

  /** To be told of a turn right after it has begun. */
  lend(turn: Grant): void {
    turn.dueAt = this.#clock.now(turn.startedAt) + this.#timeoutMs
    turn.dueBefore = this.#newest
    if (this.#newest === null) this.#oldest = turn
    else this.#newest.dueAfter = turn
    this.#newest = turn
    this.#clock.set(turn.dueAt)
  }

  /** Of any turn, lent or not. */
  returned(turn: Grant): void {
    const { dueBefore: before, dueAfter: after } = turn
    if (before !== null) before.dueAfter = after
    else if (this.#oldest === turn) this.#oldest = after
    if (after !== null) after.dueBefore = before
    else if (this.#newest === turn) this.#newest = before
    turn.dueBefore = null
    turn.dueAfter = null
  }

  close(): void {
    this.#oldest = null
    this.#newest = null
    this.#clock.clear()
  }

  #expire(): void {
    const now = this.#clock.now()
    for (let turn = this.#oldest; turn !== null; turn = this.#oldest) {
      if (turn.dueAt > now) return this.#clock.set(turn.dueAt)
      this.returned(turn)
      this.#onExpired(turn)
    }
  }
}
