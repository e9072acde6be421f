import { isBusy, refusal, storeError } from './store-error.js'

export interface Patience {
  /** How long to wait while another process writes. */
  readonly busyTimeoutMs: number
  readonly wait: (delayMs: number) => Promise<unknown>
}

/** The delay before the next try for a lock: short at first, because most writes take a millisecond. */
const firstDelayMs = 2
const longestDelayMs = 50

/** Runs the work on a database, one piece after the other, each as often as another process is in its way. */
export class StoreQueue {
  readonly #name: string
  readonly #patience: Patience
  #last: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | null = null

  constructor(name: string, patience: Patience) {
    this.#name = name
    this.#patience = patience
  }

  run<T>(action: string, work: () => Promise<T>): Promise<T> {
    const name = this.#name
    if (this.#closing !== null) {
      throw storeError(name, action, refusal(name, 'it was closed; open it again before using it'))
    }
    const result = this.#last
      .then(() => whenFree(this.#patience, work))
      .catch((error: unknown) => {
        throw storeError(name, action, error)
      })
    this.#last = result.catch(() => {})
    return result
  }

  /** Waits for the queued work, then finishes. May be called again. */
  close(finish: () => Promise<void>): Promise<void> {
    this.#closing ??= this.#last.then(finish)
    return this.#closing
  }
}

/** Repeats `work` while another process holds the lock. Safe, because a refused transaction changes nothing. */
export async function whenFree<T>({ busyTimeoutMs, wait }: Patience, work: () => Promise<T>): Promise<T> {
  let waitedMs = 0
  let delayMs = firstDelayMs
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error) || waitedMs >= busyTimeoutMs) throw error
    }
    await wait(delayMs)
    waitedMs += delayMs
    delayMs = Math.min(delayMs * 2, longestDelayMs)
  }
}
