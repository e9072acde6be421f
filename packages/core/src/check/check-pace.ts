import type { Runtime } from '../runtime/runtime.js'
import { sleep } from '../runtime/sleep.js'

/** What the gap between two checks is at least once the upstream has asked for less. */
const firstGapMs = 20
const largestGapMs = 5_000
/** Where the limits are those of single accounts, to ask others less often helps little. */
const largestOwnGapMs = 100
/** Nobody is kept waiting for longer than this by one answer. */
const longestHoldMs = 60_000
/** What is left of the gap after an answer that was no refusal. */
const speedUp = 0.9
/** Limits of single accounts matter to all only when so many of the last answers, of about ten, were such. */
const tellingShare = 0.5
const memory = 0.9

/**
 * The rate of all checks of a batch together. A refusal for asking too often doubles the gap between them, once for all
 * that were under way; every other answer takes a tenth off it again, until there is none. Limits of single accounts
 * slow the others only when nearly everybody meets one.
 */
export class CheckPace {
  readonly #runtime: Runtime
  #gapMs = 0
  #nextAt = Number.NEGATIVE_INFINITY
  #heldUntil = Number.NEGATIVE_INFINITY
  #slowedAt = Number.NEGATIVE_INFINITY
  #lastStartAt = Number.NaN
  /** How many of the last answers were refusals, as a share. */
  #refusedShare = 0
  /** The usual gap between two checks when nothing holds them. */
  #usualGapMs = Number.NaN

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  /** In milliseconds; 0 while nothing is held back. */
  get gapMs(): number {
    return this.#gapMs
  }

  /** How much longer all are to wait because the upstream said so, in milliseconds. */
  get heldMs(): number {
    return Math.max(0, this.#heldUntil - this.#runtime.monotonic())
  }

  /**
   * Resolves when the next check may begin, or the signal fires. False, and at once, when that is later than `latestAt`
   * (on the monotonic clock).
   */
  async turn(signal: AbortSignal, latestAt: number = Number.POSITIVE_INFINITY): Promise<boolean> {
    for (;;) {
      const now = this.#runtime.monotonic()
      const at = Math.max(now, this.#heldUntil, this.#gapMs === 0 ? now : this.#nextAt)
      if (at > latestAt) return false
      // Taken before the wait, so that those who wait come one after another.
      if (this.#gapMs > 0) this.#nextAt = at + this.#gapMs
      if (at <= now || signal.aborted) break
      await sleep(at - now, this.#runtime, signal)
      if (signal.aborted || this.#heldUntil <= this.#runtime.monotonic()) break
    }
    this.#note()
    return true
  }

  /**
   * The upstream refused a check that began at `startedAt` for asking too often. `isOwn`: by a limit of that account
   * alone. `holdMs`: how long all are to wait, where it said so.
   */
  refused(startedAt: number, { isOwn, holdMs }: { isOwn: boolean; holdMs?: number | undefined }): void {
    const now = this.#runtime.monotonic()
    if (holdMs !== undefined)
      this.#heldUntil = Math.max(this.#heldUntil, now + Math.min(holdMs, longestHoldMs))
    this.#refusedShare = memory * this.#refusedShare + (1 - memory)
    if (isOwn && this.#refusedShare < tellingShare) return
    // It was under way when the pace was slowed already.
    if (startedAt < this.#slowedAt) return
    this.#slowedAt = now
    const usualMs = Number.isNaN(this.#usualGapMs) ? 0 : this.#usualGapMs
    const doubledMs = 2 * Math.max(this.#gapMs, usualMs, firstGapMs / 2)
    this.#gapMs = isOwn
      ? Math.max(this.#gapMs, Math.min(largestOwnGapMs, doubledMs))
      : Math.min(largestGapMs, doubledMs)
    this.#nextAt = Math.max(this.#nextAt, now + this.#gapMs)
  }

  answered(): void {
    this.#refusedShare *= memory
    if (this.#gapMs === 0) return
    const gapMs = this.#gapMs * speedUp
    this.#gapMs = gapMs < 1 ? 0 : gapMs
  }

  #note(): void {
    const now = this.#runtime.monotonic()
    if (this.#gapMs === 0 && !Number.isNaN(this.#lastStartAt)) {
      const gapMs = now - this.#lastStartAt
      this.#usualGapMs = Number.isNaN(this.#usualGapMs) ? gapMs : 0.9 * this.#usualGapMs + 0.1 * gapMs
    }
    this.#lastStartAt = now
  }
}
