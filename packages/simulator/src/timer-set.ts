import type { Timers } from './runtime.js'

/** Things to do later, all of which can be called off at once. */
export class TimerSet {
  readonly #timers: Timers
  readonly #pending = new Set<unknown>()

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Does it after `ms`; the function returned calls it off. */
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
