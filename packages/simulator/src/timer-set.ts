import type { Timers } from './runtime.js'

/** A set of scheduled tasks, which can be cancelled all at once. */
export class TimerSet {
  readonly #timers: Timers
  readonly #pending = new Set<unknown>()

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Runs a task after `ms`. The returned function cancels it. */
  schedule(ms: number, task: () => void): () => void {
    const handle = this.#timers.setTimeout(() => {
      this.#pending.delete(handle)
      task()
    }, ms)
    this.#pending.add(handle)
    return () => this.#cancel(handle)
  }

  clear(): void {
    for (const handle of this.#pending) this.#cancel(handle)
  }

  #cancel(handle: unknown): void {
    this.#pending.delete(handle)
    this.#timers.clearTimeout(handle)
  }
}
