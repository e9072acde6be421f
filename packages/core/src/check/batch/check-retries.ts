import type { Meter } from '../../outcome/meter.js'
import type { Runtime } from '../../runtime/runtime.js'
import type { Checker, Finding } from '../probe/checker.js'
import type { ProbedKey } from '../probe/probe-key.js'
import type { CheckPace } from './check-pace.js'
import { Delayed } from './run-batch.js'

/** How long a check may take, and how often it is tried. */
export interface RetryLimits {
  /** For one try, in milliseconds; 0 means no limit. */
  readonly timeoutMs: number
  /** For all tries of one check and the pauses between them, in milliseconds; 0 means no limit. */
  readonly deadlineMs: number
  /** Further tries when the answer says nothing about the key (network, overload). */
  readonly retries: number
  /** Pause before another try, in milliseconds, doubled each time. */
  readonly retryPauseMs: number
}

/** A key that is being checked, with what its tries have come to. */
export interface CheckSubject extends ProbedKey {
  /** Tries whose answer said nothing about the key. */
  failures: number
  /** Tries that ended in a limit. */
  refusals: number
  /** When the first try began, on the monotonic clock; null before it. */
  startedAt: number | null
  /** The latest finding that says something about the key, else the first one; null before it. */
  finding: Finding | null
}

/** A pause after a limit of unknown length does not grow beyond this. */
const longestPauseMs = 20_000
/** Limits that last longer than any check. */
const dailyMeters: ReadonlySet<Meter | undefined> = new Set<Meter>(['RPD', 'TPD', 'IPD'])

/** Tries a key at the common pace, and decides whether another try is worth its time. */
export class CheckRetries {
  readonly #checker: Checker
  readonly #pace: CheckPace
  readonly #limits: RetryLimits
  readonly #runtime: Runtime

  constructor(parts: { checker: Checker; pace: CheckPace; limits: RetryLimits; runtime: Runtime }) {
    this.#checker = parts.checker
    this.#pace = parts.pace
    this.#limits = parts.limits
    this.#runtime = parts.runtime
  }

  /** Makes one try. Resolves with the check's finding, or with the delay before the next try. */
  async try(subject: CheckSubject, signal: AbortSignal): Promise<Finding | Delayed> {
    const { site, token, finding: earlier } = subject
    // A check that has a finding already does not wait for a better one beyond its deadline.
    const latestAt = earlier === null ? undefined : this.#deadlineOf(subject)
    const isInTime = await this.#pace.wait(signal, latestAt)
    if (!isInTime && earlier !== null) return earlier
    const startedAt = this.#runtime.monotonic()
    subject.startedAt ??= startedAt
    const timeoutMs = this.#timeoutOf(subject.startedAt)
    const finding = await this.#checker.try({ site, token }, { timeoutMs, signal })
    // The signal fired during the try, so the verdict might have become another one.
    if (signal.aborted && isUnfinished(finding)) return new Delayed(0)
    this.#adjustPace(subject, finding, startedAt)
    if (earlier === null || finding.ruling.verdict !== 'unknown') subject.finding = finding
    const delayMs = this.#delayOf(subject, finding)
    // A last try that ran out of time does not undo an earlier finding.
    return delayMs === null ? (subject.finding ?? finding) : new Delayed(delayMs)
  }

  /** A try ends with the check's deadline at the latest, but has a millisecond in any case. */
  #timeoutOf(firstStartedAt: number): number {
    const { timeoutMs, deadlineMs } = this.#limits
    if (deadlineMs === 0) return timeoutMs
    const leftMs = Math.max(1, firstStartedAt + deadlineMs - this.#runtime.monotonic())
    return timeoutMs === 0 ? leftMs : Math.min(timeoutMs, leftMs)
  }

  /**
   * Only the first refusal of a key slows the pace, unless the upstream asks for a pause. A limit that names its meter
   * is that of the key's own account: checks of other accounts need not pause for it.
   */
  #adjustPace({ refusals }: CheckSubject, { outcome, ruling }: Finding, startedAt: number): void {
    if (outcome.fault === 'limit') {
      const isOfAccount = outcome.meter !== undefined
      const pauseMs = isOfAccount ? undefined : outcome.retryAfterMs
      if (refusals === 0 || pauseMs !== undefined) this.#pace.refused(startedAt, { isOfAccount, pauseMs })
    } else if (ruling.verdict !== 'unknown') this.#pace.answered()
  }

  /** When to try again, in milliseconds from now; null when another try would not help, or not in time. */
  #delayOf(subject: CheckSubject, { ruling, outcome }: Finding): number | null {
    const { retries, retryPauseMs } = this.#limits
    if (retries === 0) return null
    if (ruling.verdict === 'limited') {
      if (dailyMeters.has(outcome.meter) || outcome.accountWide === true) return null
      if (this.#limits.deadlineMs === 0 && subject.refusals >= retries) return null
      const pauseMs = Math.min(longestPauseMs, retryPauseMs * 2 ** subject.refusals++)
      return this.#ifInTime(subject, outcome.retryAfterMs ?? pauseMs)
    }
    if (ruling.verdict !== 'unknown' || ruling.cause === 'model' || ruling.cause === 'request') return null
    if (subject.failures >= retries) return null
    return this.#ifInTime(subject, outcome.retryAfterMs ?? retryPauseMs * 2 ** subject.failures++)
  }

  #ifInTime(subject: CheckSubject, delayMs: number): number | null {
    return this.#runtime.monotonic() + delayMs < this.#deadlineOf(subject) ? delayMs : null
  }

  /** On the monotonic clock; infinite when there is none, or before the first try. */
  #deadlineOf({ startedAt }: CheckSubject): number {
    const { deadlineMs } = this.#limits
    return deadlineMs === 0 || startedAt === null ? Number.POSITIVE_INFINITY : startedAt + deadlineMs
  }
}

/** Whether an aborted try may have lacked a request: after a refusal, the key's other sites are asked. */
const isUnfinished = ({ ruling }: Finding): boolean =>
  ruling.verdict === 'unknown' || ruling.verdict === 'invalid'
