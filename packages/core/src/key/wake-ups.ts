import { MinHeap } from '../strategy/min-heap.js'
import type { Account } from './account.js'
import { isTimed } from './health.js'

interface WakeUp {
  readonly at: number
  readonly account: Account
}

/** Accounts by the end of their rest, so that nobody has to look at those that rest on. */
export class WakeUps {
  readonly #queue = new MinHeap<WakeUp>((one, other) => one.at < other.at)

  /** To be told whenever an account begins a rest, or its rest is moved. */
  schedule(account: Account): void {
    if (isTimed(account.health)) this.#queue.push({ at: account.health.until, account })
  }

  /** Takes out an account whose rest was to be over by now; it may have been lengthened or lifted since. */
  next(now: number): Account | undefined {
    const due = this.#queue.peek()
    return due !== undefined && due.at <= now ? this.#queue.pop()?.account : undefined
  }
}
