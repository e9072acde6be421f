import { MinHeap } from '../collections/min-heap.js'
import { AlarmClock } from '../runtime/alarm-clock.js'
import type { Runtime } from '../runtime/runtime.js'
import { QueueLane, type Release, type Waiter } from './queue-lane.js'

/** Timers come late in a busy process; a release that came in time is not lost to that. */
const latenessMs = 50

/** What the room is handed: it knows neither keys nor requests. */
export interface WaitQueueParts<Asked, Given, Refusal> {
  /** Tries to serve a request. What it gives is told from a refusal by its kind. Must not throw. */
  readonly serve: (asked: Asked) => Given | Refusal
  /** What a request is told that could have waited, had there been room. */
  readonly whenFull: (refusal: Refusal) => Refusal
  /**
   * What the request is bound to beside its model, such as the one account that owns its file; null when any key will
   * do. Those that are bound wait in lines of their own, lest one that needs what rests holds up all the others.
   * @default none is bound
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
  /** Why it was not served a moment ago; without it the room tries, unless others wait for the same model. */
  readonly refusal?: Refusal | undefined
  /** Called at once when the request begins to wait, with what is to be called when its client leaves. */
  readonly onAbort?: ((leave: () => void) => void) | undefined
}

/**
 * The queue of requests for which no key is free now. First come, first served among those that ask for the same
 * model; a model whose first cannot be served holds up no other. A request waits only while a release may come
 * within its deadline: it is told as soon as that is ruled out, not when the deadline comes.
 */
export class WaitQueue<
  Asked extends { readonly model: string },
  Given extends { readonly kind: string },
  Refusal extends Release,
> {
  readonly #parts: WaitQueueParts<Asked, Given, Refusal>
  readonly #clock: AlarmClock
  readonly #lines = new Map<string, QueueLane<Asked, Given | Refusal, Refusal>>()
  /** Those of the lines that are not open to any request for their model. */
  readonly #boundLines = new Set<QueueLane<Asked, Given | Refusal, Refusal>>()
  /** Lines whose first is to be tried. */
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

  /** How many wait. */
  get size(): number {
    return this.#size
  }

  /** Whether a newcomer for that model, bound to that or to nothing, would overtake somebody by being served. */
  hasWaiting(model: string, boundTo: string | null = null): boolean {
    return this.#size > 0 && this.#lines.has(lineName(model, boundTo))
  }

  /**
   * What the request gets: at once when it can be served or must be refused, else by a promise, which never rejects.
   * A client that leaves is told the last refusal, unless it was served before: then what was given is its to give
   * back.
   */
  enqueue(asked: Asked, options: EnqueueOptions<Refusal>): Given | Refusal | Promise<Given | Refusal> {
    const boundTo = this.#parts.pinnedTo?.(asked) ?? null
    const name = lineName(asked.model, boundTo)
    const answer =
      this.#closedBy ?? this.#lines.get(name)?.refusal ?? options.refusal ?? this.#parts.serve(asked)
    if (!isRefusal<Given, Refusal>(answer)) return answer
    // Looked at after `serve`, which may have let others in, or closed the room.
    if (this.#closedBy !== null) return this.#closedBy
    const now = this.#clock.now()
    const line = this.#lines.get(name) ?? this.#newLine(asked.model, answer, now)
    const { deadlineAt } = options
    if (line.isInVain(deadlineAt, now)) return answer
    if (this.#size >= this.#parts.limit) return this.#parts.whenFull(answer)
    return new Promise((resolve) => {
      const arrival = this.#arrivals++
      const waiter = { asked, lineName: name, arrival, deadlineAt, answer: resolve, isWaiting: true }
      this.#lines.set(name, line)
      if (boundTo !== null) this.#boundLines.add(line)
      line.join(waiter)
      this.#size++
      this.#clock.set(line.dueAt)
      options.onAbort?.(() => this.#leave(waiter, line))
    })
  }

  /**
   * To be called when a key may have become free: for that model, or for any. Serves whom it can before it returns,
   * except when `serve` itself calls it: then the serving that is under way goes on until nobody else can be served.
   */
  wake(model?: string): void {
    if (this.#size === 0) return
    if (model === undefined) for (const line of this.#lines.values()) this.#due.add(line)
    else {
      const line = this.#lines.get(lineName(model, null))
      if (line !== undefined) this.#due.add(line)
      for (const bound of this.#boundLines) if (bound.model === model) this.#due.add(bound)
    }
    this.#serveDue()
  }

  /** Everybody who waits, and everybody who comes later, gets this refusal. */
  close(refusal: Refusal): void {
    this.#closedBy = refusal
    for (const line of this.#lines.values()) {
      for (let first = line.first(); first !== undefined; first = line.first()) {
        this.#dismiss(first, line, refusal)
      }
    }
  }

  #newLine(model: string, refusal: Refusal, now: number): QueueLane<Asked, Given | Refusal, Refusal> {
    const line = new QueueLane<Asked, Given | Refusal, Refusal>(model, refusal)
    line.learn(refusal, this.#clock.instant(refusal.freeAt), now)
    return line
  }

  #serveDue(): void {
    if (this.#isServing) return
    this.#isServing = true
    try {
      // A round that served nobody is repeated once when it woke somebody itself: not for ever, should it always do so.
      for (let idleRounds = 0; this.#due.size > 0 && idleRounds < 2; ) {
        idleRounds = this.#serveRound() ? 0 : idleRounds + 1
      }
    } finally {
      this.#due.clear()
      this.#isServing = false
    }
  }

  /** Tries the first of every line that is due, whoever came first first, until each line's first is refused. */
  #serveRound(): boolean {
    const firsts = new MinHeap<{
      readonly arrival: number
      readonly line: QueueLane<Asked, Given | Refusal, Refusal>
    }>((one, other) => one.arrival < other.arrival)
    for (const line of this.#due) firsts.push({ arrival: line.first()?.arrival ?? 0, line })
    this.#due.clear()
    let hasMoved = false
    for (let first = firsts.pop(); first !== undefined; first = firsts.pop()) {
      const { line } = first
      if (!this.#tryFirst(line)) continue
      hasMoved = true
      const next = line.first()
      if (next !== undefined) firsts.push({ arrival: next.arrival, line })
    }
    return hasMoved
  }

  /** Whether the line has moved up, so that its new first is worth a try. */
  #tryFirst(line: QueueLane<Asked, Given | Refusal, Refusal>): boolean {
    const waiter = line.first()
    if (waiter === undefined) return false
    if (waiter.deadlineAt + latenessMs < this.#clock.now()) {
      this.#dismiss(waiter, line, line.refusal)
      return true
    }
    const answer = this.#ask(waiter)
    if (isRefusal<Given, Refusal>(answer)) return this.#refuseFirst(waiter, line, answer)
    this.#remove(waiter, line)
    waiter.answer(answer)
    return true
  }

  /** The same of a first that was refused just now. */
  #refuseFirst(
    waiter: Waiter<Asked, Given | Refusal>,
    line: QueueLane<Asked, Given | Refusal, Refusal>,
    refusal: Refusal,
  ): boolean {
    // It left, or the room was closed, while it was being asked for.
    if (!waiter.isWaiting) waiter.answer(this.#closedBy ?? refusal)
    const now = this.#clock.now()
    line.learn(refusal, this.#clock.instant(refusal.freeAt), now)
    if (waiter.isWaiting && line.isInVain(waiter.deadlineAt, now)) {
      // Its refusal may be its own: those behind it may ask for less.
      this.#remove(waiter, line)
      waiter.answer(refusal)
      return true
    }
    this.#dismissPressed(line, refusal, now)
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

  /** Tells those who cannot wait for as long as the first in line has to. */
  #dismissPressed(line: QueueLane<Asked, Given | Refusal, Refusal>, refusal: Refusal, now: number): void {
    for (let next = line.mostPressed(); next !== undefined; next = line.mostPressed()) {
      if (!line.isInVain(next.deadlineAt, now)) break
      this.#dismiss(next, line, refusal)
    }
    if (line.size > 0) this.#clock.set(line.dueAt)
  }

  #leave(waiter: Waiter<Asked, Given | Refusal>, line: QueueLane<Asked, Given | Refusal, Refusal>): void {
    if (waiter.isWaiting) this.#dismiss(waiter, line, line.refusal)
  }

  #dismiss(
    waiter: Waiter<Asked, Given | Refusal>,
    line: QueueLane<Asked, Given | Refusal, Refusal>,
    refusal: Refusal,
  ): void {
    const wasFirst = line.first() === waiter
    this.#remove(waiter, line)
    // One that is being asked for may be given something yet; it is answered when that is known.
    if (waiter !== this.#asking) waiter.answer(refusal)
    if (!wasFirst || line.size === 0) return
    // What held up the first need not hold up the next. Tried soon, not now: a thousand may be leaving at once.
    line.tryAt = this.#clock.now()
    this.#clock.set(line.tryAt)
  }

  #remove(waiter: Waiter<Asked, Given | Refusal>, line: QueueLane<Asked, Given | Refusal, Refusal>): void {
    if (!waiter.isWaiting) return
    line.leave(waiter)
    this.#size--
    if (line.size === 0) {
      this.#lines.delete(waiter.lineName)
      this.#boundLines.delete(line)
    }
    if (this.#size === 0) this.#clock.clear()
  }

  #ring(): void {
    const now = this.#clock.now()
    for (const line of this.#lines.values()) if (line.dueAt <= now) this.#due.add(line)
    this.#serveDue()
    for (const line of this.#lines.values()) this.#clock.set(line.dueAt)
  }
}

/** Accounts are named by the operator and without line breaks; what a client calls a model may be anything. */
const lineName = (model: string, boundTo: string | null): string => `${boundTo ?? ''}\n${model}`

function isRefusal<Given extends { readonly kind: string }, Refusal extends Release>(
  answer: Given | Refusal,
): answer is Refusal {
  return answer.kind === 'refusal'
}
