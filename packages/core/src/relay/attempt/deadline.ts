import type { Runtime, Timer } from '../../runtime/runtime.js'
import type { Timeouts } from './timeouts.js'

export type Phase = 'connect' | 'first-byte' | 'first-output' | 'idle' | 'stalled' | 'total'

/** The longest delay of a timer, because Node runs a longer one at once; a longer wait takes several timers. */
const longestTimerMs = 2 ** 31 - 1

/** The time for the end of an answer that has declared itself whole: nearly always it follows at once. */
const endingMs = 1_000

/** How long an answer is taken to be alive without a look at what came. */
const trustMs = 1_000

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
  /** When the first output is due, whether or not it is waited for. */
  #firstOutputAt = Number.POSITIVE_INFINITY
  /** When the latest bytes came. */
  #now = 0
  /** When output came the last time, as far as it was looked for. */
  #outputAt = 0
  #stalledDueAt = Number.POSITIVE_INFINITY
  /** When the client's side asked for the pause that lasts; null for none. */
  #pausedAt: number | null = null
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
    if (firstOutput > 0) this.#firstOutputAt = now + firstOutput
    this.#outputDueAt = this.#firstOutputAt
    this.#enter('first-byte', firstByte, now)
  }

  /**
   * Bytes have arrived. Returns whether it is worth looking what they are: heartbeats keep an answer from being idle,
   * but not from being stalled, and nothing else came for a while.
   */
  arrived(): boolean {
    const { stalled } = this.#timeouts
    this.#now = this.#runtime.monotonic()
    return stalled > 0 && this.#now - this.#outputAt >= Math.min(trustMs, stalled / 4)
  }

  /** Starts to wait for the next bytes, behind those that `arrived`. `hasOutput`: they were more than heartbeats. */
  progress(hasOutput: boolean): void {
    if (hasOutput) this.#outputSeenAt(this.#now)
    this.#enter('idle', this.#timeouts.idle, this.#now)
  }

  /** Starts to wait for the first bytes of an answer that has begun, as if output had just come. */
  answerBegun(): void {
    this.#now = this.#runtime.monotonic()
    this.progress(true)
  }

  /** Starts to wait for the end of an answer that has declared itself whole. */
  ending(): void {
    this.#enter('idle', endingMs)
  }

  /** Waits for the first output after all. */
  outputAwaited(): void {
    this.#outputDueAt = this.#firstOutputAt
  }

  /** Stops waiting for the first output: it has come, or this kind of answer has none. */
  outputSeen(): void {
    this.#outputDueAt = Number.POSITIVE_INFINITY
  }

  /** Stops the limit for the next bytes while the client does not read, which is no fault of the upstream. */
  paused(): void {
    this.#pausedAt ??= this.#runtime.monotonic()
    this.#dueAt = Number.POSITIVE_INFINITY
    this.#stalledDueAt = Number.POSITIVE_INFINITY
  }

  /** Starts to wait for the next bytes behind a pause, which counts neither as output nor as time without any. */
  resumed(): void {
    const now = this.#runtime.monotonic()
    const pausedMs = now - (this.#pausedAt ?? now)
    this.#pausedAt = null
    this.#now = now
    this.#outputSeenAt(Math.min(now, this.#outputAt + pausedMs))
    this.progress(false)
  }

  stop(): void {
    if (this.#timer !== undefined) this.#runtime.clearTimer(this.#timer)
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
  }

  #outputSeenAt(now: number): void {
    const { stalled } = this.#timeouts
    this.#outputAt = now
    this.#stalledDueAt = stalled > 0 ? now + stalled : Number.POSITIVE_INFINITY
  }

  /** Takes the time that its caller has read, so that a phase costs one reading of the clock. */
  #enter(phase: Phase, limitMs: number, now: number = this.#runtime.monotonic()): void {
    this.#phase = phase
    this.#dueAt = limitMs > 0 ? now + limitMs : Number.POSITIVE_INFINITY
    this.#arm(now)
  }

  #nextDue(): number {
    return Math.min(this.#dueAt, this.#outputDueAt, this.#stalledDueAt, this.#totalAt)
  }

  #arm(now: number): void {
    const due = this.#nextDue()
    if (due >= this.#timerAt) return
    this.stop()
    const delayMs = Math.min(Math.max(due - now, 0), longestTimerMs)
    this.#timerAt = now + delayMs
    this.#timer = this.#runtime.setTimer(this.#check, delayMs)
  }

  #duePhase(now: number): Phase {
    if (this.#totalAt <= now) return 'total'
    if (this.#dueAt <= now) return this.#phase
    return this.#outputDueAt <= now ? 'first-output' : 'stalled'
  }

  readonly #check = (): void => {
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
    const now = this.#runtime.monotonic()
    if (this.#nextDue() > now) return this.#arm(now)
    this.#expire(this.#duePhase(now))
  }
}
