import type { Runtime } from '../../runtime/runtime.js'
import { sleep } from '../../runtime/sleep.js'

/** The gap between two checks after the first refusal is at least this long. */
const firstGapMs = 20
const longestGapMs = 5_000
/** The longest gap that limits of single accounts cause: asking about other accounts less often hardly helps. */
const longestAccountGapMs = 100
/** The longest pause of all checks that one answer causes. */
const longestPauseMs = 60_000
/** The part of the gap that is left after an answer that was no refusal. */
const gapDecay = 0.9
/** The share of refusals above which limits of single accounts slow all checks. */
const slowingShare = 0.5
/** Weight of the earlier answers in the share of refusals, which so covers about ten answers. */
const shareDecay = 0.9

/**
 * Sets the common pace of all checks of a batch. A refusal for asking too often doubles the gap between checks, once
 * for all checks that were running; every other answer shortens the gap by a tenth, until there is none. Limits of
 * single accounts slow the checks of others only when most of the latest answers were such refusals.
 */
export class CheckPace {
  readonly #runtime: Runtime
  #gapMs = 0
  #nextAt = Number.NEGATIVE_INFINITY
  #pausedUntil = Number.NEGATIVE_INFINITY
  #slowedAt = Number.NEGATIVE_INFINITY
  #lastStartAt = Number.NaN
  /** The share of refusals among the latest answers. */
  #refusedShare = 0
  /** The average gap between two checks while no gap is set. */
  #usualGapMs = Number.NaN

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  /** The gap between two checks, in milliseconds; 0 while none is set. */
  get gapMs(): number {
    return this.#gapMs
  }

  /** How much longer all checks pause because the upstream asked for it, in milliseconds. */
  get pausedMs(): number {
    return Math.max(0, this.#pausedUntil - this.#runtime.monotonic())
  }

  /**
   * Resolves with true when the next check may begin, or the signal fires. Resolves with false at once when the check
   * could not begin by `latestAt` (on the monotonic clock).
   */
  async wait(signal: AbortSignal, latestAt: number = Number.POSITIVE_INFINITY): Promise<boolean> {
    for (;;) {
      const now = this.#runtime.monotonic()
      const at = Math.max(now, this.#pausedUntil, this.#gapMs === 0 ? now : this.#nextAt)
      if (at > latestAt) return false
      // Set before the wait, so that checks which wait start one gap apart.
      if (this.#gapMs > 0) this.#nextAt = at + this.#gapMs
      if (at <= now || signal.aborted) break
      await sleep(at - now, this.#runtime, signal)
      if (signal.aborted || this.#pausedUntil <= this.#runtime.monotonic()) break
    }
    this.#recordStart()
    return true
  }

  /**
   * Records that the upstream refused a check for asking too often. `startedAt`: when the check began, on the monotonic
   * clock. `isOfAccount`: the limit is that of a single account. `pauseMs`: how long all checks are to pause, where the
   * upstream said so.
   */
  refused(
    startedAt: number,
    { isOfAccount, pauseMs }: { isOfAccount: boolean; pauseMs?: number | undefined },
  ): void {
    const now = this.#runtime.monotonic()
    if (pauseMs !== undefined)
      this.#pausedUntil = Math.max(this.#pausedUntil, now + Math.min(pauseMs, longestPauseMs))
    this.#refusedShare = shareDecay * this.#refusedShare + (1 - shareDecay)
    if (isOfAccount && this.#refusedShare < slowingShare) return
    // The check was already running when the pace was slowed.
    if (startedAt < this.#slowedAt) return
    this.#slowedAt = now
    const usualMs = Number.isNaN(this.#usualGapMs) ? 0 : this.#usualGapMs
    const doubledMs = 2 * Math.max(this.#gapMs, usualMs, firstGapMs / 2)
    this.#gapMs = isOfAccount
      ? Math.max(this.#gapMs, Math.min(longestAccountGapMs, doubledMs))
      : Math.min(longestGapMs, doubledMs)
    this.#nextAt = Math.max(this.#nextAt, now + this.#gapMs)
  }

  /** Records an answer that was no refusal for asking too often. */
  answered(): void {
    this.#refusedShare *= shareDecay
    if (this.#gapMs === 0) return
    const gapMs = this.#gapMs * gapDecay
    this.#gapMs = gapMs < 1 ? 0 : gapMs
  }

  #recordStart(): void {
    const now = this.#runtime.monotonic()
    if (this.#gapMs === 0 && !Number.isNaN(this.#lastStartAt)) {
      const gapMs = now - this.#lastStartAt
      this.#usualGapMs = Number.isNaN(this.#usualGapMs) ? gapMs : 0.9 * this.#usualGapMs + 0.1 * gapMs
    }
    this.#lastStartAt = now
  }
}
