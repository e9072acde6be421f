import type { Turn } from './key/turn.js'
import type { Runtime, Timer } from './runtime.js'

/** Turns given out to callers with clients of their own, who may lose them. Those not settled in time are given back. */
export class LentTurns {
  readonly #runtime: Runtime
  readonly #timeoutMs: number
  readonly #onExpired: (turn: Turn) => void
  /** By when they are due, because all have the same time. */
  readonly #dueAt = new Map<Turn, number>()
  #timer: Timer | undefined

  constructor(runtime: Runtime, timeoutMs: number, onExpired: (turn: Turn) => void) {
    this.#runtime = runtime
    this.#timeoutMs = timeoutMs
    this.#onExpired = onExpired
  }

  lend(turn: Turn): void {
    this.#dueAt.set(turn, this.#runtime.now() + this.#timeoutMs)
    this.#timer ??= this.#runtime.setTimer(this.#expire, this.#timeoutMs)
  }

  returned(turn: Turn): void {
    this.#dueAt.delete(turn)
  }

  close(): void {
    this.#dueAt.clear()
    this.#runtime.clearTimer(this.#timer)
    this.#timer = undefined
  }

  readonly #expire = (): void => {
    this.#timer = undefined
    const now = this.#runtime.now()
    for (const [turn, dueAt] of this.#dueAt) {
      if (dueAt > now) {
        // Not longer than the whole time, wherever the clock was set meanwhile.
        this.#timer = this.#runtime.setTimer(this.#expire, Math.min(dueAt - now, this.#timeoutMs))
        return
      }
      this.#dueAt.delete(turn)
      this.#onExpired(turn)
    }
  }
}
