import { MinHeap } from '../../collections/min-heap.js'
import { seededRandom } from '../../testing/fake-runtime.js'
import type { Limits } from '../meters.js'
import { Quota } from '../quota.js'
import { type CountingKind, HiddenLimit } from './hidden-limit.js'

const minute = 60_000
/** Ten seconds into a minute in September 2026. */
const start = 1_788_235_210_000

export interface Simulation {
  readonly counting: CountingKind
  readonly meter: 'RPM' | 'TPM'
  /** What the upstream really allows a minute. */
  readonly limit: number
  /** What is asked for, in shares of that. */
  readonly demand: number
  readonly minutes: number
  /** What the limit becomes later. */
  readonly change?: { readonly atMinute: number; readonly limit: number }
  /** What a call uses at most; it uses a fifth of it at least. @default 1 % of the limit for tokens, 1 for requests */
  readonly callSize?: number
  /** Whether the upstream counts when a call ends, and lets in what comes while anything is left. @default false */
  readonly countsAtEnd?: boolean
  /** How long a call runs at most. @default 2000 */
  readonly runMs?: number
  /** Whether nothing is sent after a refusal until the next minute. @default true */
  readonly coolsDown?: boolean
  /** The declared limits of the quota. @default null */
  readonly declared?: Limits | null
  /** The expected size of a call, in shares of the real one. @default 1 */
  readonly estimate?: number
}

export interface SimulationResult {
  /** What calls used, in shares of what the limit allowed or, if that is less, of what was asked for. */
  readonly used: number
  /** Refused calls, in shares of all that were sent. */
  readonly refused: number
  /** What ended in each minute. */
  readonly byMinute: readonly number[]
  readonly quota: Quota
}

interface SimulatedEvent {
  readonly at: number
  readonly run: () => void
}

/** Sends calls through a quota to an upstream with a hidden limit, as a pool with one account would. */
export function simulate(simulation: Simulation): SimulationResult {
  const run = new Run(simulation)
  run.toEnd()
  return run.result()
}

class Run {
  readonly #given: Simulation
  readonly #random: () => number
  readonly #quota: Quota
  readonly #upstream: HiddenLimit
  readonly #events = new MinHeap<SimulatedEvent>((one, other) => one.at < other.at)
  readonly #byMinute: number[] = []
  readonly #callSize: number
  readonly #end: number
  #now = start
  /** Sizes of calls that wait. */
  #waiting: number[] = []
  #coolUntil = 0
  #nextArrivalAt = start
  #asked = 0
  #sent = 0
  #refused = 0

  constructor(given: Simulation) {
    this.#given = given
    this.#random = seededRandom(given.limit + given.minutes)
    this.#quota = new Quota({ limits: given.declared ?? null, learns: true, dayOffsetMs: 0 })
    this.#upstream = new HiddenLimit(given.counting, given.limit)
    this.#callSize = given.callSize ?? (given.meter === 'RPM' ? 1 : given.limit / 100)
    this.#end = start + given.minutes * minute
    const { change } = given
    if (change !== undefined) {
      this.#after(change.atMinute * minute, () => {
        this.#upstream.limit = change.limit
      })
    }
  }

  toEnd(): void {
    while (this.#now < this.#end) {
      this.#arrive()
      const waitUntil = this.#sendWaiting()
      const next = this.#events.peek()?.at ?? this.#end
      this.#now = Math.min(this.#nextArrivalAt, next, Math.max(waitUntil, this.#now + 1), this.#end)
      for (let due = this.#due(); due !== undefined; due = this.#due()) due.run()
    }
  }

  #due(): SimulatedEvent | undefined {
    const next = this.#events.peek()
    return next !== undefined && next.at <= this.#now ? this.#events.pop() : undefined
  }

  result(): SimulationResult {
    const { minutes, limit, change } = this.#given
    const changed = change === undefined ? 0 : minutes - change.atMinute
    const allowed = (minutes - changed) * limit + changed * (change?.limit ?? 0)
    const used = this.#byMinute.reduce((sum, amount) => sum + amount, 0) / Math.min(allowed, this.#asked)
    return { used, refused: this.#refused / this.#sent, byMinute: this.#byMinute, quota: this.#quota }
  }

  #arrive(): void {
    const { demand, limit } = this.#given
    const gapMs = (minute * this.#averageSize) / (demand * limit)
    for (; this.#nextArrivalAt <= this.#now; this.#nextArrivalAt += 2 * gapMs * this.#random()) {
      const size = this.#callSize === 1 ? 1 : Math.ceil(this.#callSize * (0.2 + 0.8 * this.#random()))
      this.#asked += size
      // No call waits for more than about a minute.
      if (this.#waiting.length < (2 * limit) / this.#averageSize) this.#waiting.push(size)
    }
  }

  get #averageSize(): number {
    return this.#callSize === 1 ? 1 : 0.6 * this.#callSize
  }

  /** Gives the instant at which it is worth trying again. */
  #sendWaiting(): number {
    for (let size = this.#waiting.at(-1); size !== undefined; size = this.#waiting.at(-1)) {
      if (this.#now < this.#coolUntil) return this.#coolUntil
      const demand = { tokens: Math.ceil(size * (this.#given.estimate ?? 1)), images: 0 }
      if (!this.#quota.fits(demand, this.#now) && !this.#quota.onBlocked(demand, this.#now)) {
        return this.#quota.freeAt(demand, this.#now)
      }
      this.#waiting.pop()
      this.#send(size, demand.tokens)
    }
    return Number.POSITIVE_INFINITY
  }

  #send(size: number, tokens: number): void {
    const { meter, countsAtEnd = false, runMs = 2_000, coolsDown = true } = this.#given
    const startedAt = this.#now
    const reservation = this.#quota.reserve({ tokens, images: 0 }, startedAt)
    const real = meter === 'TPM' ? size : null
    this.#sent += 1
    const end = (): void => {
      if (countsAtEnd) this.#upstream.count(size, this.#now)
      const index = Math.floor((this.#now - start) / minute)
      this.#byMinute[index] = (this.#byMinute[index] ?? 0) + size
      this.#quota.settle(reservation, { tokens: real, isRefused: false }, this.#now)
      this.#quota.served(reservation, real, this.#now)
    }
    const refuse = (): void => {
      this.#refused += 1
      this.#quota.settle(reservation, { tokens: null, isRefused: true }, this.#now)
      this.#quota.refused(meter, startedAt, this.#now)
      const untilMinute = minute - (this.#now % minute) + 5_000 * this.#random()
      if (coolsDown) this.#coolUntil = Math.max(this.#coolUntil, this.#now + untilMinute)
    }
    this.#after(20 + 100 * this.#random(), () => {
      const isAdmitted = countsAtEnd
        ? this.#upstream.hasRoom(this.#now)
        : this.#upstream.admits(size, this.#now)
      if (isAdmitted) this.#after(100 + runMs * this.#random(), end)
      else this.#after(50, refuse)
    })
  }

  #after(ms: number, run: () => void): void {
    this.#events.push({ at: this.#now + Math.ceil(ms), run })
  }
}
