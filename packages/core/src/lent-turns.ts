import { AlarmClock } from './alarm-clock.js'
import type { Turn } from './key/turn.js'
import type { Runtime } from './runtime.js'

/** Turns given out to callers with clients of their own, who may lose them. Those not settled in time are given back. */
export class LentTurns {
  readonly #clock: AlarmClock
  readonly #timeoutMs: number
  readonly #onExpired: (turn: Turn) => void
  /** By when they are due, because all have the same time. */
  readonly #dueAt = new Map<Turn, number>()

  constructor(runtime: Runtime, timeoutMs: number, onExpired: (turn: Turn) => void) {
    this.#clock = new AlarmClock(runtime, () => this.#expire())
    this.#timeoutMs = timeoutMs
    this.#onExpired = onExpired
  }

  lend(turn: Turn): void {
    const dueAt = this.#clock.now() + this.#timeoutMs
    this.#dueAt.set(turn, dueAt)
    this.#clock.set(dueAt)
  }

  returned(turn: Turn): void {
    this.#dueAt.delete(turn)
  }

  close(): void {
    this.#dueAt.clear()
    this.#clock.clear()
  }

  #expire(): void {
    const now = this.#clock.now()
    for (const [turn, dueAt] of this.#dueAt) {
      if (dueAt > now) return this.#clock.set(dueAt)
      this.#dueAt.delete(turn)
      this.#onExpired(turn)
    }
  }
}
