import { MinHeap } from '../collections/min-heap.js'
import { AlarmClock } from '../runtime/alarm-clock.js'
import type { Runtime } from '../runtime/runtime.js'
import { QueueLane, type Release, type Waiter } from './queue-lane.js'

/** Timers come late in a busy process; a release that came in time is not lost to that. */
const latenessMs = 50

/** What the queue is handed: it knows neither keys nor requests. */
export interface WaitQueueParts<Asked, Given, Refusal> {
  /** Tries to serve a request. What it gives differs from a refusal by its kind. Must not throw. */
  readonly serve: (asked: Asked) => Given | Refusal
  /** The refusal for a request that could have waited, but finds the queue full. */
  readonly whenFull: (refusal: Refusal) => Refusal
  /**
   * What the request is pinned to beside its model, such as the one account that owns its file; null when any key will
   * do. Pinned requests wait in lanes of their own: one whose account cools down must not hold up all others.
   * @default no request is pinned
   */
  readonly pinnedTo?: (asked: Asked) => string | null
  readonly runtime: Runtime
  /** How many may wait at once. */
  readonly limit: number
}

/** How a request waits. */
export interface EnqueueOptions<Refusal> {
  /** On the monotonic clock; Infinity to wait as long as it takes. */
  readonly deadlineAt: number
  /** Why it was not served a moment ago; without it the queue tries, unless others wait for the same model. */
  readonly refusal?: Refusal | undefined
  /** Called at once when the request begins to wait, with the function to call when its client leaves. */
  readonly onAbort?: ((leave: () => void) => void) | undefined
}

/**
 * The queue of requests for which no key is free now. First come, first served among those that ask for the same
 * model; a model whose first cannot be served holds up no other. A request waits only while a release may come
 * within its deadline: it is refused as soon as that is ruled out, not when the deadline comes.
 */
export class WaitQueue<
  Asked extends { readonly model: string },
  Given extends { readonly kind: string },
  Refusal extends Release,
> {
  readonly #parts: WaitQueueParts<Asked, Given, Refusal>
  readonly #clock: AlarmClock
  readonly #lanes = new Map<string, QueueLane<Asked, Given | Refusal, Refusal>>()
  /** The lanes of pinned requests. */
  readonly #pinnedLanes = new Set<QueueLane<Asked, Given | Refusal, Refusal>>()
  /** Lanes whose first request is to be tried. */
  readonly #due = new Set<QueueLane<Asked, Given | Refusal, Refusal>>()
  /** The request that `serve` is busy with. */
  #asking: Waiter<Asked, Given | Refusal> | null = null
  #isServing = false
  #arrivals = 0
  #size = 0
  #closedBy: Refusal | null = null

  constructor(parts: WaitQueueParts<Asked, Given, Refusal>) {
    this.#parts = parts
    this.#clock = new AlarmClock(parts.runtime, () => this.#ring(), true)
  }

  /** Requests that wait. */
  get size(): number {
    return this.#size
  }

  /** Whether an arrival for that model, pinned or not, would overtake a waiting request by being served. */
  hasWaiting(model: string, pin: string | null = null): boolean {
    return this.#size > 0 && this.#lanes.has(laneName(model, pin))
  }

  /**
   * What the request gets: at once when it can be served or must be refused, else by a promise, which never rejects.
   * A client that leaves gets the last refusal, unless it was served before: then it has to give back what it got.
   */
  enqueue(asked: Asked, options: EnqueueOptions<Refusal>): Given | Refusal | Promise<Given | Refusal> {
    const pin = this.#parts.pinnedTo?.(asked) ?? null
    const name = laneName(asked.model, pin)
    const answer =
      this.#closedBy ?? this.#lanes.get(name)?.refusal ?? options.refusal ?? this.#parts.serve(asked)
    if (!isRefusal<Given, Refusal>(answer)) return answer
    // Looked at after `serve`, which may have let others in, or closed the queue.
    if (this.#closedBy !== null) return this.#closedBy
    const now = this.#clock.now()
    const lane = this.#lanes.get(name) ?? this.#newLane(asked.model, answer, now)
    const { deadlineAt } = options
    if (lane.isInVain(deadlineAt, now)) return answer
    if (this.#size >= this.#parts.limit) return this.#parts.whenFull(answer)
    return new Promise((resolve) => {
      const arrival = this.#arrivals++
      const waiter = { asked, laneName: name, arrival, deadlineAt, answer: resolve, isWaiting: true }
      this.#lanes.set(name, lane)
      if (pin !== null) this.#pinnedLanes.add(lane)
      lane.join(waiter)
      this.#size++
      this.#clock.set(lane.dueAt)
      options.onAbort?.(() => this.#leave(waiter, lane))
    })
  }

  /**
   * To be called when a key may have become free: for that model, or for any. Serves all requests it can before it
   * returns, except when `serve` itself calls it: then the serving that is under way goes on as long as it can.
   */
  wake(model?: string): void {
    if (this.#size === 0) return
    if (model === undefined) for (const lane of this.#lanes.values()) this.#due.add(lane)
    else {
      const lane = this.#lanes.get(laneName(model, null))
      if (lane !== undefined) this.#due.add(lane)
      for (const bound of this.#pinnedLanes) if (bound.model === model) this.#due.add(bound)
    }
    this.#serveDue()
  }

  /** Every request that waits, and every later one, gets this refusal. */
  close(refusal: Refusal): void {
    this.#closedBy = refusal
    for (const lane of this.#lanes.values()) {
      for (let first = lane.first(); first !== undefined; first = lane.first()) {
        this.#dismiss(first, lane, refusal)
      }
    }
  }

  #newLane(model: string, refusal: Refusal, now: number): QueueLane<Asked, Given | Refusal, Refusal> {
    const lane = new QueueLane<Asked, Given | Refusal, Refusal>(model, refusal)
    lane.record(refusal, this.#clock.instant(refusal.freeAt), now)
    return lane
  }

  #serveDue(): void {
    if (this.#isServing) return
    this.#isServing = true
    try {
      // A round that served no request is repeated once when it woke a lane itself: not for ever, should it always do so.
      for (let idleRounds = 0; this.#due.size > 0 && idleRounds < 2; ) {
        idleRounds = this.#serveRound() ? 0 : idleRounds + 1
      }
    } finally {
      this.#due.clear()
      this.#isServing = false
    }
  }

  /** Tries the first of every lane that is due, in the order of arrival, until each lane's first is refused. */
  #serveRound(): boolean {
    const firsts = new MinHeap<{
      readonly arrival: number
      readonly lane: QueueLane<Asked, Given | Refusal, Refusal>
    }>((one, other) => one.arrival < other.arrival)
    for (const lane of this.#due) firsts.push({ arrival: lane.first()?.arrival ?? 0, lane })
    this.#due.clear()
    let hasMoved = false
    for (let first = firsts.pop(); first !== undefined; first = firsts.pop()) {
      const { lane } = first
      if (!this.#tryFirst(lane)) continue
      hasMoved = true
      const next = lane.first()
      if (next !== undefined) firsts.push({ arrival: next.arrival, lane })
    }
    return hasMoved
  }

  /** Whether the lane has moved up, so that its new first is worth a try. */
  #tryFirst(lane: QueueLane<Asked, Given | Refusal, Refusal>): boolean {
    const waiter = lane.first()
    if (waiter === undefined) return false
    if (waiter.deadlineAt + latenessMs < this.#clock.now()) {
      this.#dismiss(waiter, lane, lane.refusal)
      return true
    }
    const answer = this.#ask(waiter)
    if (isRefusal<Given, Refusal>(answer)) return this.#refuseFirst(waiter, lane, answer)
    this.#remove(waiter, lane)
    waiter.answer(answer)
    return true
  }

  /** The same for a first that was refused just now. */
  #refuseFirst(
    waiter: Waiter<Asked, Given | Refusal>,
    lane: QueueLane<Asked, Given | Refusal, Refusal>,
    refusal: Refusal,
  ): boolean {
    // It left, or the queue was closed, while it was being served.
    if (!waiter.isWaiting) waiter.answer(this.#closedBy ?? refusal)
    const now = this.#clock.now()
    lane.record(refusal, this.#clock.instant(refusal.freeAt), now)
    if (waiter.isWaiting && lane.isInVain(waiter.deadlineAt, now)) {
      // Its refusal may be its own: those behind it may ask for less.
      this.#remove(waiter, lane)
      waiter.answer(refusal)
      return true
    }
    this.#dismissEarliest(lane, refusal, now)
    return false
  }

  #ask(waiter: Waiter<Asked, Given | Refusal>): Given | Refusal {
    this.#asking = waiter
    try {
      return this.#parts.serve(waiter.asked)
    } finally {
      this.#asking = null
    }
  }

  /** Refuses the requests that cannot wait for as long as the first of their lane has to. */
  #dismissEarliest(lane: QueueLane<Asked, Given | Refusal, Refusal>, refusal: Refusal, now: number): void {
    for (let next = lane.earliestDeadline(); next !== undefined; next = lane.earliestDeadline()) {
      if (!lane.isInVain(next.deadlineAt, now)) break
      this.#dismiss(next, lane, refusal)
    }
    if (lane.size > 0) this.#clock.set(lane.dueAt)
  }

  #leave(waiter: Waiter<Asked, Given | Refusal>, lane: QueueLane<Asked, Given | Refusal, Refusal>): void {
    if (waiter.isWaiting) this.#dismiss(waiter, lane, lane.refusal)
  }

  #dismiss(
    waiter: Waiter<Asked, Given | Refusal>,
    lane: QueueLane<Asked, Given | Refusal, Refusal>,
    refusal: Refusal,
  ): void {
    const wasFirst = lane.first() === waiter
    this.#remove(waiter, lane)
    // A request that is being served may be given something yet; it is answered when that is known.
    if (waiter !== this.#asking) waiter.answer(refusal)
    if (!wasFirst || lane.size === 0) return
    // What held up the first need not hold up the next. Tried soon, not now: a thousand may be leaving at once.
    lane.tryAt = this.#clock.now()
    this.#clock.set(lane.tryAt)
  }

  #remove(waiter: Waiter<Asked, Given | Refusal>, lane: QueueLane<Asked, Given | Refusal, Refusal>): void {
    if (!waiter.isWaiting) return
    lane.leave(waiter)
    this.#size--
    if (lane.size === 0) {
      this.#lanes.delete(waiter.laneName)
      this.#pinnedLanes.delete(lane)
    }
    if (this.#size === 0) this.#clock.clear()
  }

  #ring(): void {
    const now = this.#clock.now()
    for (const lane of this.#lanes.values()) if (lane.dueAt <= now) this.#due.add(lane)
    this.#serveDue()
    for (const lane of this.#lanes.values()) this.#clock.set(lane.dueAt)
  }
}

/** Accounts are named by the operator and without line breaks; what a client calls a model may be anything. */
const laneName = (model: string, pin: string | null): string => `${pin ?? ''}\n${model}`

function isRefusal<Given extends { readonly kind: string }, Refusal extends Release>(
  answer: Given | Refusal,
): answer is Refusal {
  return answer.kind === 'refusal'
}
