import { LazyHeap } from '../collections/lazy-heap.js'

/** When a key may be free for a request that finds none now. */
export interface Release {
  readonly kind: 'refusal'
  /** When the clock will have freed one, in milliseconds since the Unix epoch; Infinity when it will free none. */
  readonly freeAt: number
  /** Whether one is only busy, so that the end of a running lease may free it at any moment. */
  readonly isBusy: boolean
}

/** A request that waits. Instants are those of the monotonic clock. */
export interface Waiter<Asked, Answer> {
  readonly asked: Asked
  /** Of the lane it waits in. */
  readonly laneName: string
  /** Counts up, over all lanes. */
  readonly arrival: number
  readonly deadlineAt: number
  readonly answer: (answer: Answer) => void
  isWaiting: boolean
}

/** A release that did not come true by its time is looked for again this much later, not at once and for ever. */
const recheckMs = 100

/** The requests that wait for the same model: first come, first served. Decides nothing. */
export class QueueLane<Asked, Answer, Refusal extends Release> {
  readonly model: string
  size = 0
  /** Why the first request could not be served when it was last tried. */
  refusal: Refusal
  /** When the clock may have freed a key for the first request. */
  freeAt: number = Number.POSITIVE_INFINITY
  /** When the first request is to be tried again without anything happening. */
  tryAt: number = Number.POSITIVE_INFINITY
  readonly #byArrival = new LazyHeap<Waiter<Asked, Answer>>(
    (one, other) => one.arrival < other.arrival,
    ({ isWaiting }) => !isWaiting,
  )
  readonly #byDeadline = new LazyHeap<Waiter<Asked, Answer>>(
    (one, other) => one.deadlineAt < other.deadlineAt,
    ({ isWaiting }) => !isWaiting,
  )

  constructor(model: string, refusal: Refusal) {
    this.model = model
    this.refusal = refusal
  }

  join(waiter: Waiter<Asked, Answer>): void {
    this.#byArrival.push(waiter)
    this.#byDeadline.push(waiter)
    this.size++
  }

  leave(waiter: Waiter<Asked, Answer>): void {
    waiter.isWaiting = false
    this.#byArrival.markRemoved()
    this.#byDeadline.markRemoved()
    this.size--
  }

  first(): Waiter<Asked, Answer> | undefined {
    return this.#byArrival.peek()
  }

  /** The request whose deadline comes first. */
  earliestDeadline(): Waiter<Asked, Answer> | undefined {
    return this.#byDeadline.peek()
  }

  /** Records why the first request is not served; `freeAt` is the refusal's on the monotonic clock. */
  record(refusal: Refusal, freeAt: number, now: number): void {
    this.refusal = refusal
    this.freeAt = freeAt
    this.tryAt = freeAt > now ? freeAt : now + recheckMs
  }

  /** Whether waiting until that instant is in vain. */
  isInVain(deadlineAt: number, now: number): boolean {
    if (deadlineAt <= now) return true
    // A request without a deadline does not wait for what never comes either.
    return !this.refusal.isBusy && (this.freeAt > deadlineAt || this.freeAt === Number.POSITIVE_INFINITY)
  }

  /** When a request of the lane must be looked at next. */
  get dueAt(): number {
    return Math.min(this.tryAt, this.earliestDeadline()?.deadlineAt ?? Number.POSITIVE_INFINITY)
  }
}
