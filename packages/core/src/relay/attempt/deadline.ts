import type { Runtime, Timer } from '../../runtime/runtime.js'
import type { Timeouts } from './timeouts.js'

export type Phase = 'connect' | 'first-byte' | 'first-output' | 'idle' | 'total'

/** The longest delay of a timer, because Node runs a longer one at once; a longer wait takes several timers. */
const longestTimerMs = 2 ** 31 - 1

/** The time for the end of an answer that has declared itself whole: nearly always it follows at once. */
const endingMs = 1_000

/**
 * Limits the time of each phase of one attempt with a single timer. A new phase or new data only moves the due time; a
 * timer that fires too early is set again, so a thousand chunks need no timer of their own.
 */
export class Deadline {
  readonly #runtime: Runtime
  readonly #timeouts: Timeouts
  /** When the whole request must be over, on the monotonic clock; Infinity without a total limit. */
  readonly #totalAt: number
  readonly #expire: (phase: Phase) => void
  #phase: Phase = 'connect'
  #dueAt = Number.POSITIVE_INFINITY
  #outputDueAt = Number.POSITIVE_INFINITY
  #timer: Timer | undefined
  #timerAt = Number.POSITIVE_INFINITY

  constructor(runtime: Runtime, timeouts: Timeouts, totalAt: number, expire: (phase: Phase) => void) {
    this.#runtime = runtime
    this.#timeouts = timeouts
    this.#totalAt = totalAt
    this.#expire = expire
  }

  connecting(): void {
    this.#enter('connect', this.#timeouts.connect)
  }

  /** Starts to wait for the answer: the request is sent. */
  sent(): void {
    const { firstOutput, firstByte } = this.#timeouts
    const now = this.#runtime.monotonic()
    if (firstOutput > 0) this.#outputDueAt = now + firstOutput
    this.#enter('first-byte', firstByte, now)
  }

  /** Starts to wait for the next bytes: some arrived. */
  progress(): void {
    this.#enter('idle', this.#timeouts.idle)
  }

  /** Starts to wait for the end of an answer that has declared itself whole. */
  ending(): void {
    this.#enter('idle', endingMs)
  }

  /** Stops waiting for the first output: it has come, or this kind of answer has none. */
  outputSeen(): void {
    this.#outputDueAt = Number.POSITIVE_INFINITY
  }

  /** Stops the limit for the next bytes while the client does not read, which is no fault of the upstream. */
  paused(): void {
    this.#dueAt = Number.POSITIVE_INFINITY
  }

  stop(): void {
    if (this.#timer !== undefined) this.#runtime.clearTimer(this.#timer)
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
  }

  /** Takes the time that its caller has read, so that a phase costs one reading of the clock. */
  #enter(phase: Phase, limitMs: number, now: number = this.#runtime.monotonic()): void {
    this.#phase = phase
    this.#dueAt = limitMs > 0 ? now + limitMs : Number.POSITIVE_INFINITY
    this.#arm(now)
  }

  #nextDue(): number {
    return Math.min(this.#dueAt, this.#outputDueAt, this.#totalAt)
  }

  #arm(now: number): void {
    const due = this.#nextDue()
    if (due >= this.#timerAt) return
    this.stop()
    const delayMs = Math.min(Math.max(due - now, 0), longestTimerMs)
    this.#timerAt = now + delayMs
    this.#timer = this.#runtime.setTimer(this.#check, delayMs)
  }

  readonly #check = (): void => {
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
    const now = this.#runtime.monotonic()
    if (this.#nextDue() > now) return this.#arm(now)
    if (this.#totalAt <= now) this.#expire('total')
    else this.#expire(this.#dueAt <= now ? this.#phase : 'first-output')
  }
}
