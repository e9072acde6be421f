import { KeyPoolError } from '../../errors.js'
import type { Key } from '../../key/key.js'
import type { WaitOptions } from '../../lease/wait-options.js'
import type { OutcomeKind } from '../../outcome/outcome.js'
import { blamesKey, canSwitch, isInconclusive } from '../../outcome/switching.js'
import type { Grant } from '../../selection/grant.js'
import { type Refusal, refusalError } from '../../selection/refusal.js'
import { type Reply, sendError, sendReply } from '../answer/reply.js'
import type { Attempt, AttemptResult } from '../attempt/attempt.js'
import { CountingSink } from '../client/counting-sink.js'
import type { Flow, Sink } from '../client/sink.js'
import { Race } from '../hedge/race.js'
import { type Failure, FallbackChain } from '../model/fallback-chain.js'
import type { RelayReport } from '../report.js'
import type { Call } from '../request/call.js'
import { type Bound, CallKeyRequest } from '../request/call-key-request.js'
import { errorOf, sentOnceError } from './failure.js'
import type { RelayParts } from './relay-parts.js'
import { RequestRecord } from './request-record.js'

/**
 * Attempts of one request that may end without a verdict on the key (overload, resets, hangs). Above it the upstream
 * is down, not the keys. Verdicts on keys are not counted: those are bounded by the pool itself.
 */
const inconclusiveLimit = 64
/** Attempts that never reached the upstream: another key cannot help against a closed door. */
const unsentLimit = 3
/** Answers without anything in them: one may be a mishap, and each has cost its input. */
const emptyLimit = 2
/** Pages and plain words in place of an answer: a portal on the way sends them under every key. */
const noAnswerLimit = 3

/** Of an attempt that never began. */
const noFigures = Object.freeze({ usage: null, firstOutputMs: null })

/** One client request while it is under way. */
export class RunningRequest implements Flow, WaitOptions {
  readonly #parts: RelayParts
  readonly #sink: CountingSink
  readonly #bound: Bound
  readonly #totalAt: number
  readonly #record: RequestRecord
  #call: Call
  #keyRequest: CallKeyRequest
  readonly #chain: FallbackChain | null
  #tried: Set<Key> | null = null
  #current: Attempt | Race | null = null
  #last: AttemptResult | null = null
  #inconclusive = 0
  #unsent = 0
  #empty = 0
  #noAnswers = 0
  #leave: (() => void) | null = null
  isAborted = false

  constructor(given: { call: Call; sink: Sink; parts: RelayParts; bound: Bound }) {
    const { call, sink, parts, bound } = given
    this.#call = call
    this.#parts = parts
    this.#bound = bound
    this.#sink = new CountingSink(sink, () => this.abort())
    this.#record = new RequestRecord(call, parts.runtime)
    parts.retryBudget.begin(this.#record.startedAt)
    const totalMs = parts.totalMsOf(call.model)
    this.#totalAt = totalMs > 0 ? this.#record.startedAt + totalMs : Number.POSITIVE_INFINITY
    this.#keyRequest = new CallKeyRequest(call, parts.sessions, bound)
    // Another model is named in the body, which then must be at hand: without it the request may as well wait.
    const fallbacks = this.#isSentOnce ? undefined : parts.names.fallbacksOf(call.model)
    this.#chain = fallbacks === undefined ? null : new FallbackChain(call, fallbacks)
    sink.attach(this)
  }

  /** What the latest attempt came to. */
  get result(): AttemptResult {
    return this.#last as AttemptResult
  }

  get deadlineAt(): number {
    return Math.min(this.#record.startedAt + this.#parts.maxWaitMs, this.#totalAt)
  }

  get isNewArrival(): boolean {
    return this.#record.begun === 0
  }

  onAbort(leave: () => void): void {
    this.#leave = leave
  }

  /**
   * Overload and broken networks are answered with what they said: other keys would meet them too. Nor does a request
   * wait for one model while another may stand in.
   */
  take(): Grant | Refusal | Promise<Grant | Refusal> {
    const mayWait = this.#last === null || blamesKey(this.#last.outcome)
    const wait = mayWait && this.#chain?.hasNextForLimits !== true ? this : null
    return this.#record.begun === 0
      ? this.#parts.grants.acquire(this.#keyRequest, wait)
      : this.#takeAgain(wait)
  }

  /**
   * A key for one attempt more. Keys that cool down are tried again as far as the retry budget goes; the others cost
   * nothing of it, because each that fails cools down as well.
   */
  #takeAgain(wait: WaitOptions | null): Grant | Refusal | Promise<Grant | Refusal> {
    const { grants, retryBudget } = this.#parts
    const keyRequest = this.#keyRequest
    const { lastResorts } = keyRequest
    const isSpent = lastResorts > 0 && !retryBudget.hasRoom
    if (isSpent) keyRequest.lastResorts = 0
    const taken = grants.acquire(keyRequest, wait)
    if (keyRequest.lastResorts < lastResorts && !isSpent) retryBudget.spend()
    if (isSpent) keyRequest.lastResorts = lastResorts
    if (isSpent) this.#record.endedBy = 'retryBudget'
    return taken
  }

  /** Another attempt after one that reached no upstream, or brought nothing, has to be within the retry budget. */
  #mayRetry(): boolean {
    const mayRetry = this.#parts.retryBudget.spend()
    if (!mayRetry) this.#record.endedBy = 'retryBudget'
    return mayRetry
  }

  async wait(taken: Promise<Grant | Refusal>): Promise<Grant | Refusal> {
    const { runtime } = this.#parts
    const since = runtime.monotonic()
    const given = await taken
    this.#leave = null
    this.#record.waitedMs += runtime.monotonic() - since
    return given
  }

  /** The client left just as a key was found for it. */
  giveBack(grant: Grant): RelayReport {
    this.#parts.grants.settle(grant, { kind: 'aborted' }, noFigures)
    return this.reportAbort()
  }

  resume(): void {
    this.#current?.resume()
  }

  abort(): void {
    this.isAborted = true
    this.#leave?.()
    this.#current?.abort()
  }

  begin(grant: Grant): Attempt {
    const attempt = this.#begin(grant, () => {})
    this.#current = attempt
    return attempt
  }

  /** A race for the first output, when the request may have one; null for a single attempt. */
  raceFor(grant: Grant): Race | null {
    const { hedging } = this.#parts
    if (hedging === null || this.#record.begun > 0 || this.#keyRequest.account !== null) return null
    const delayMs = hedging.delayFor(this.#call, this.#keyRequest.isStream)
    if (delayMs === null) return null
    this.#current = new Race({
      runtime: this.#parts.runtime,
      delayMs,
      second: () => this.#takeSecond(grant),
      begin: (of, onOutput) => this.#begin(of, onOutput),
      end: (of, result, isLost) => this.#endInRace(of, result, isLost ? delayMs : null),
    })
    return this.#current
  }

  end(grant: Grant, result: AttemptResult): void {
    this.#last = result
    this.#settle(grant, result)
    if (result.isDelivered) this.#record.served(grant, result.firstOutputMs)
    // A limit cools down the account; when that is over, the key may serve again.
    if (result.isDelivered || result.outcome.fault === 'limit') return
    this.#tried ??= new Set()
    this.#keyRequest.tried = this.#tried.add(grant.key)
  }

  /** Whether another key may do better, and whether asking it is safe. */
  mayGoOn({ outcome, isEmpty, error }: AttemptResult): boolean {
    if (this.isAborted || !canSwitch(outcome, this.#call.route)) return false
    if (outcome.fault === 'network' && outcome.maybeRan !== true)
      return ++this.#unsent < unsentLimit && this.#mayRetry()
    if (this.#isSentOnce) return false
    if (isEmpty === true) return ++this.#empty < emptyLimit && this.#mayRetry()
    if (outcome.kind === 'truncated' && error !== null) return ++this.#noAnswers < noAnswerLimit
    return !isInconclusive(outcome) || ++this.#inconclusive < inconclusiveLimit
  }

  /** Why no key serves: the upstream's last word if it is worth passing on, else why no key is free. */
  failureOf(refusal: Refusal): Failure {
    const last = this.#last
    return last !== null && !blamesKey(last.outcome) ? { kind: 'result', result: last } : refusal
  }

  /** Goes on with another model, when one may stand in. */
  fallBack(failure: Failure): boolean {
    if (this.isAborted || this.#chain === null) return false
    const call = this.#chain.next(failure)
    if (call === null) return false
    this.#call = call
    this.#record.call = call
    this.#keyRequest = new CallKeyRequest(call, this.#parts.sessions, this.#bound)
    this.#tried = null
    this.#last = null
    this.#empty = 0
    return true
  }

  /** Nothing is left to try: the client gets the reason why the model that it asked for did not serve. */
  answer(given: Failure): RelayReport {
    const failure = this.#chain?.firstFailure ?? given
    if (this.isAborted) return this.reportAbort()
    const attempts = this.#record.begun
    if (failure.kind === 'refusal')
      return this.#answerWithError(refusalError(failure, this.#parts.runtime.now(), attempts))
    const { outcome, reply, error } = failure.result
    if (reply === null)
      return this.#answerWithError(errorOf(outcome, attempts, this.#call.route, this.#record.endedBy))
    if (this.#isSentOnce && blamesKey(outcome)) return this.#answerWithError(sentOnceError(outcome, attempts))
    return this.#answerWithReply(reply, error)
  }

  /** Our own work failed: this request ends, and says so as far as it still can. */
  answerFault(cause: unknown): RelayReport {
    const error = new KeyPoolError('stream_interrupted', 'The answer could not be passed on', { cause })
    try {
      if (this.#sink.status === 0) return this.#answerWithError(error)
      this.#sink.fail(error)
    } catch {
      // The client's side fails, too: there is nobody left to tell.
    }
    return this.#report(error.status, error)
  }

  report({ outcome, error }: AttemptResult): RelayReport {
    return this.#report(outcome.kind === 'aborted' ? 499 : this.#sink.status, error)
  }

  reportAbort(): RelayReport {
    return this.#report(499, null)
  }

  #begin(grant: Grant, onOutput: () => void): Attempt {
    this.#record.begun++
    this.#record.endedBy = null
    return this.#parts.attempt(grant, this.#call, this.#sink, {
      totalAt: this.#totalAt,
      extraHeaders: () =>
        this.#record.headers(this.#current instanceof Race ? this.#current.running : [grant]),
      onOutput: () => {
        onOutput()
        this.#parts.onOutput(grant)
      },
    })
  }

  #settle(grant: Grant, result: AttemptResult): void {
    const { outcome, firstOutputMs } = result
    this.#parts.grants.settle(grant, outcome, result)
    this.#record.add(grant, outcome)
    if (firstOutputMs !== null)
      this.#parts.hedging?.learn(this.#call.model, this.#keyRequest.isStream, firstOutputMs)
  }

  /** A grant on another account than the first one's. */
  #takeSecond(first: Grant): Grant | null {
    const { hedging, grants } = this.#parts
    if (hedging?.mayStart !== true || this.isAborted) return null
    const keyRequest = this.#keyRequest
    const { tried, lastResorts } = keyRequest
    keyRequest.tried = new Set([...(tried ?? []), ...first.key.account.keys])
    // Not worth a try of an account that cools down.
    keyRequest.lastResorts = 0
    const taken = grants.acquire(keyRequest, null)
    keyRequest.tried = tried
    keyRequest.lastResorts = lastResorts
    if (taken instanceof Promise || taken.kind === 'refusal') return null
    hedging.spend()
    return taken
  }

  /** The loser of a race says nothing of its key, but that its first output took longer than it was waited for. */
  #endInRace(grant: Grant, result: AttemptResult, lostAfterMs: number | null): boolean {
    const isAborted = result.outcome.kind === 'aborted'
    if (lostAfterMs === null || !isAborted || this.isAborted) {
      this.end(grant, result)
      // What this machine lacks for one attempt ends no other that has begun.
      return !isAborted && !canSwitch(result.outcome, this.#call.route)
    }
    this.#settle(grant, result)
    const waitedMs = this.#parts.runtime.monotonic() - grant.begunAt
    if (waitedMs >= lostAfterMs)
      this.#parts.hedging?.learn(this.#call.model, this.#keyRequest.isStream, waitedMs)
    return false
  }

  get #isSentOnce(): boolean {
    return this.#call.body !== null && 'stream' in this.#call.body
  }

  #answerWithReply(reply: Reply, error: KeyPoolError | null): RelayReport {
    // An answer to HEAD has no body, and gets none.
    const errors = this.#call.method === 'HEAD' ? 'passthrough' : this.#parts.errors
    sendReply(this.#sink, reply, this.#record.headers(), errors)
    return this.#report(reply.status, error)
  }

  #answerWithError(error: KeyPoolError): RelayReport {
    sendError(this.#sink, error, this.#record.headers(), this.#parts.maxRetryAfterMs)
    return this.#report(error.status, error)
  }

  /** `aborted` says that the client left. An attempt that was broken off for want of means refuses the request. */
  #outcomeWith(error: KeyPoolError | null): OutcomeKind {
    if (this.isAborted) return 'aborted'
    const kind = this.#last?.outcome.kind ?? 'rejected'
    const isOurs = kind === 'aborted' && error !== null && error.code !== 'request_aborted'
    return isOurs ? 'rejected' : kind
  }

  #report(status: number, error: KeyPoolError | null): RelayReport {
    const report = this.#record.report({
      status,
      error,
      outcome: this.#outcomeWith(error),
      usage: this.#last?.usage ?? null,
      bytes: this.#sink.bytes,
    })
    this.#parts.onReport(report)
    return report
  }
}
