import { MinHeap } from '../collections/min-heap.js'
import type { Health } from '../key/account-health.js'
import type { KeyHealth } from '../key/key-health.js'

interface WakeUp<Sleeper> {
  readonly at: number
  readonly sleeper: Sleeper
}

/** Accounts or keys by the end of their rest, so that nobody has to look at those that rest on. */
export class ExpiryQueue<Sleeper extends { readonly health: Health | KeyHealth }> {
  readonly #queue = new MinHeap<WakeUp<Sleeper>>((one, other) => one.at < other.at)

  /** To be told whenever a rest begins, or is moved. */
  schedule(sleeper: Sleeper): void {
    if ('until' in sleeper.health) this.#queue.push({ at: sleeper.health.until, sleeper })
  }

  /** Takes out one whose rest was to be over by now; it may have been lengthened or lifted since. */
  next(now: number): Sleeper | undefined {
    const due = this.#queue.peek()
    return due !== undefined && due.at <= now ? this.#queue.pop()?.sleeper : undefined
  }
}
