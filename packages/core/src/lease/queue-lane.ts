import { LazyHeap } from '../collections/lazy-heap.js'

/** When a key may be free for a request that finds none now. */
export interface Release {
  readonly kind: 'refusal'
  /** When the clock will have freed one, in milliseconds since the Unix epoch; Infinity when it will free none. */
  readonly freeAt: number
  /** Whether one is only busy, so that the end of a running lease may free it at any moment. */
  readonly isBusy: boolean
}

/** A request that waits. Instants are those of the room's alarm clock. */
export interface Waiter<Asked, Answer> {
  readonly asked: Asked
  /** Of the line it stands in. */
  readonly lineName: string
  /** Counts up, over all lines. */
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
  /** Why the first in line could not be served when it was last tried. */
  refusal: Refusal
  /** When the clock may have freed a key for the first in line. */
  freeAt: number = Number.POSITIVE_INFINITY
  /** When the first in line is to be tried again without anything happening. */
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
    this.#byArrival.noteLapse()
    this.#byDeadline.noteLapse()
    this.size--
  }

  first(): Waiter<Asked, Answer> | undefined {
    return this.#byArrival.peek()
  }

  /** The one whose deadline comes first. */
  mostPressed(): Waiter<Asked, Answer> | undefined {
    return this.#byDeadline.peek()
  }

  /** Takes note of why the first in line is not served; `freeAt` is the refusal's on the room's clock. */
  learn(refusal: Refusal, freeAt: number, now: number): void {
    this.refusal = refusal
    this.freeAt = freeAt
    this.tryAt = freeAt > now ? freeAt : now + recheckMs
  }

  /** Whether waiting until that instant is in vain. */
  isInVain(deadlineAt: number, now: number): boolean {
    if (deadlineAt <= now) return true
    // Whoever has all the time in the world does not wait for what never comes either.
    return !this.refusal.isBusy && (this.freeAt > deadlineAt || this.freeAt === Number.POSITIVE_INFINITY)
  }

  /** When somebody here must be looked at next. */
  get dueAt(): number {
    return Math.min(this.tryAt, this.mostPressed()?.deadlineAt ?? Number.POSITIVE_INFINITY)
  }
}
