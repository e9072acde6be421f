import type { Meter } from '../outcome/meter.js'
import type { Runtime } from '../runtime/runtime.js'
import { Delayed } from './batch.js'
import type { CheckPace } from './check-pace.js'
import type { Checker, Finding } from './checker.js'
import type { AskedKey } from './probe.js'

/** How long a check may take, and how often it is tried. */
export interface TryLimits {
  /** For one try, in milliseconds; 0 means no limit. */
  readonly timeoutMs: number
  /** For all tries of one check and the pauses between them, in milliseconds; 0 means no limit. */
  readonly deadlineMs: number
  /** More tries when the answer told nothing about the key (network, overload). */
  readonly retries: number
  /** Pause before another try, in milliseconds, doubled each time. */
  readonly retryPauseMs: number
}

/** A key that is being checked. */
export interface CheckSubject extends AskedKey {
  /** Tries that told nothing, and tries that ended in a limit. */
  failures: number
  refusals: number
  /** When its first try began; null before it. */
  startedAt: number | null
  /** What the last try told that told anything, or else the last one. */
  told: Finding | null
}

/** A pause after a limit that says nothing of its length does not grow beyond this. */
const longestPauseMs = 20_000
/** Limits that no check waits for. */
const daily: ReadonlySet<Meter | undefined> = new Set<Meter>(['RPD', 'TPD', 'IPD'])

/** Makes one try at a time, at the pace of all, and says whether another is worth while. */
export class CheckRetries {
  readonly #checker: Checker
  readonly #pace: CheckPace
  readonly #limits: TryLimits
  readonly #runtime: Runtime

  constructor(parts: { checker: Checker; pace: CheckPace; limits: TryLimits; runtime: Runtime }) {
    this.#checker = parts.checker
    this.#pace = parts.pace
    this.#limits = parts.limits
    this.#runtime = parts.runtime
  }

  async take(subject: CheckSubject, signal: AbortSignal): Promise<Finding | Delayed> {
    const { site, token, told } = subject
    // Whoever has an answer already does not wait for a better one beyond the deadline.
    const isTurn = await this.#pace.turn(signal, told === null ? undefined : this.#endOf(subject))
    if (!isTurn && told !== null) return told
    const startedAt = this.#runtime.monotonic()
    subject.startedAt ??= startedAt
    const timeoutMs = this.#timeoutOf(subject.startedAt)
    const finding = await this.#checker.try({ site, token }, { timeoutMs, signal })
    // Called off in the middle: there is nothing to report.
    if (signal.aborted && isHalf(finding)) return new Delayed(0)
    this.#tellPace(subject, finding, startedAt)
    if (told === null || finding.ruling.verdict !== 'unknown') subject.told = finding
    const delayMs = this.#delayOf(subject, finding)
    // A last try that ran out of time unsays nothing.
    return delayMs === null ? (subject.told ?? finding) : new Delayed(delayMs)
  }

  /** A try may not outlast the check, but is given a moment in any case. */
  #timeoutOf(firstStartedAt: number): number {
    const { timeoutMs, deadlineMs } = this.#limits
    if (deadlineMs === 0) return timeoutMs
    const leftMs = Math.max(1, firstStartedAt + deadlineMs - this.#runtime.monotonic())
    return timeoutMs === 0 ? leftMs : Math.min(timeoutMs, leftMs)
  }

  /**
   * A key that is refused once more says nothing new of the pace. And a limit that names its meter is its account's own:
   * others need not wait as long for it.
   */
  #tellPace({ refusals }: CheckSubject, { outcome, ruling }: Finding, startedAt: number): void {
    if (outcome.fault === 'limit') {
      const isOwn = outcome.meter !== undefined
      const holdMs = isOwn ? undefined : outcome.retryAfterMs
      if (refusals === 0 || holdMs !== undefined) this.#pace.refused(startedAt, { isOwn, holdMs })
    } else if (ruling.verdict !== 'unknown') this.#pace.answered()
  }

  /** When to try again, in milliseconds from now; null when this is all that can be found out in time. */
  #delayOf(subject: CheckSubject, { ruling, outcome }: Finding): number | null {
    const { retries, retryPauseMs } = this.#limits
    if (retries === 0) return null
    if (ruling.verdict === 'limited') {
      if (daily.has(outcome.meter) || outcome.accountWide === true) return null
      if (this.#limits.deadlineMs === 0 && subject.refusals >= retries) return null
      const pauseMs = Math.min(longestPauseMs, retryPauseMs * 2 ** subject.refusals++)
      return this.#inTime(subject, outcome.retryAfterMs ?? pauseMs)
    }
    if (ruling.verdict !== 'unknown' || ruling.cause === 'model' || ruling.cause === 'request') return null
    if (subject.failures >= retries) return null
    return this.#inTime(subject, outcome.retryAfterMs ?? retryPauseMs * 2 ** subject.failures++)
  }

  #inTime(subject: CheckSubject, delayMs: number): number | null {
    return this.#runtime.monotonic() + delayMs < this.#endOf(subject) ? delayMs : null
  }

  /** When its time is over, in milliseconds since the Unix epoch. */
  #endOf({ startedAt }: CheckSubject): number {
    const { deadlineMs } = this.#limits
    return deadlineMs === 0 || startedAt === null ? Number.POSITIVE_INFINITY : startedAt + deadlineMs
  }
}

/** Whether a question that was called off may have said otherwise: of a refused key, other sites are asked. */
const isHalf = ({ ruling }: Finding): boolean => ruling.verdict === 'unknown' || ruling.verdict === 'invalid'
