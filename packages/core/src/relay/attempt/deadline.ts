import type { Runtime, Timer } from '../../runtime/runtime.js'
import type { Timeouts } from './timeouts.js'

export type Phase = 'connect' | 'first-byte' | 'first-output' | 'idle' | 'total'

/** Node runs a timer at once when its delay does not fit 31 bits; a longer wait is made of several. */
const longestTimerMs = 2 ** 31 - 1

/** An answer that has said that it is whole is nearly always over at once; nobody is to wait long for the rest. */
const endingMs = 1_000

/**
 * Watches the phases of one attempt with a single timer. Entering a phase or seeing data only moves the due time;
 * the timer is set anew when it fires too early, so a thousand chunks cost no timer at all.
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

  /** The request is on its way. */
  sent(): void {
    const { firstOutput, firstByte } = this.#timeouts
    if (firstOutput > 0) this.#outputDueAt = this.#runtime.monotonic() + firstOutput
    this.#enter('first-byte', firstByte)
  }

  /** Bytes arrived. */
  progress(): void {
    this.#enter('idle', this.#timeouts.idle)
  }

  /** The answer has said that it is whole, and only its end is missing. */
  ending(): void {
    this.#enter('idle', endingMs)
  }

  /** Nothing is held back any more: output has been seen, or the answer has no such thing. */
  outputSeen(): void {
    this.#outputDueAt = Number.POSITIVE_INFINITY
  }

  /** The client does not read: waiting is its choice, not the upstream's fault. */
  paused(): void {
    this.#dueAt = Number.POSITIVE_INFINITY
  }

  stop(): void {
    if (this.#timer !== undefined) this.#runtime.clearTimer(this.#timer)
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
  }

  #enter(phase: Phase, limitMs: number): void {
    this.#phase = phase
    this.#dueAt = limitMs > 0 ? this.#runtime.monotonic() + limitMs : Number.POSITIVE_INFINITY
    this.#arm()
  }

  #nextDue(): number {
    return Math.min(this.#dueAt, this.#outputDueAt, this.#totalAt)
  }

  #arm(): void {
    const due = this.#nextDue()
    if (due >= this.#timerAt) return
    this.stop()
    const now = this.#runtime.monotonic()
    const delayMs = Math.min(Math.max(due - now, 0), longestTimerMs)
    this.#timerAt = now + delayMs
    this.#timer = this.#runtime.setTimer(this.#check, delayMs)
  }

  readonly #check = (): void => {
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
    const now = this.#runtime.monotonic()
    if (this.#nextDue() > now) return this.#arm()
    if (this.#totalAt <= now) this.#expire('total')
    else this.#expire(this.#dueAt <= now ? this.#phase : 'first-output')
  }
}
