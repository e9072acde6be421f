import { MinHeap } from '../collections/min-heap.js'
import type { Health } from '../key/account-health.js'
import type { KeyHealth } from '../key/key-health.js'

interface Expiry<Subject> {
  readonly at: number
  readonly subject: Subject
}

/** Accounts or keys by the end of their cooldown, so that those that go on cooling down need not be looked at. */
export class ExpiryQueue<Subject extends { readonly health: Health | KeyHealth }> {
  readonly #queue = new MinHeap<Expiry<Subject>>((one, other) => one.at < other.at)

  /** To be called whenever a cooldown begins, or is moved. Without a cooldown there is nothing to schedule. */
  schedule(subject: Subject): void {
    const { health } = subject
    if (health.status === 'cooling' || health.status === 'exhausted')
      this.#queue.push({ at: health.until, subject })
  }

  /** Takes out one whose cooldown was to be over by now; it may have been lengthened or ended since. */
  next(now: number): Subject | undefined {
    const due = this.#queue.peek()
    return due !== undefined && due.at <= now ? this.#queue.pop()?.subject : undefined
  }
}
