import type { KeyPoolError } from '../errors.js'
import type { Key } from '../key/key.js'
import type { OutcomeKind } from '../key/outcome.js'
import { type Refusal, refusalError } from '../key/refusal.js'
import type { Lease } from '../lease.js'
import type { Usage } from '../usage/usage.js'
import type { Wanted } from '../wanted.js'
import type { Attempt, AttemptResult } from './attempt.js'
import type { Call } from './call.js'
import { type Bound, CallWanted, type SessionOptions, unbound } from './call-wanted.js'
import { CountingSink } from './counting-sink.js'
import { errorOf, sentOnceError } from './failure.js'
import { type Reply, sendError, sendReply } from './reply.js'
import type { Flow, Sink } from './sink.js'
import { blamesKey, canSwitch, isInconclusive } from './switching.js'
import { traceHeader } from './trace.js'

/** One upstream call of a request, for logs. */
export interface AttemptReport {
  /** The key's id. */
  readonly key: string
  readonly outcome: OutcomeKind
  /** The upstream's HTTP status; null when none arrived. */
  readonly status: number | null
  readonly durationMs: number
}

/** What became of a request. */
export interface RelayReport {
  readonly requestId: string | null
  /** What the client got; 499 when it left first. */
  readonly status: number
  readonly model: string
  readonly outcome: OutcomeKind
  readonly attempts: readonly AttemptReport[]
  readonly usage: Usage | null
  /** Bytes of the body that went to the client. */
  readonly bytes: number
  readonly durationMs: number
  /** The part of it that was spent waiting for a key. */
  readonly waitedMs: number
  /** Ours, when the answer was; null when the upstream's answer was passed on whole. */
  readonly error: KeyPoolError | null
}

/** A request that may wait for a key. */
export interface Patience {
  /** Until then, in milliseconds since the Unix epoch. */
  readonly deadlineAt: number
  /** It has had no attempt yet, so it may not be served before those who wait already. */
  readonly isNewcomer: boolean
  /** To be told what to call when the client leaves. */
  onAbort(leave: () => void): void
}

/** What the loop is handed: it knows neither the pool nor the transport. */
export interface FailoverParts {
  /** Answers at once when a key is free or waiting is no use; `patience` is null for those who may not wait. */
  readonly acquire: (wanted: Wanted, patience: Patience | null) => Lease | Refusal | Promise<Lease | Refusal>
  readonly attempt: (
    lease: Lease,
    call: Call,
    sink: Sink,
    extra: { totalAt: number; extraHeaders: () => readonly string[] },
  ) => Attempt
  readonly keyOf: (lease: Lease) => Key
  readonly now: () => number
  /** For the whole request, in milliseconds; 0 for no limit. */
  readonly totalMs: number
  /** How long one request may wait for a key, in milliseconds. */
  readonly maxWaitMs: number
  readonly sessions: Required<SessionOptions>
  readonly errors: 'openai' | 'passthrough'
  /** Told of every request that ended. */
  readonly onReport: (report: RelayReport) => void
}

/**
 * Attempts of one request that may end without a verdict on the key (overload, resets, hangs). Above it the upstream
 * is down, not the keys. Verdicts on keys are not counted: those are bounded by the pool itself.
 */
const inconclusiveLimit = 64
/** Attempts that never reached the upstream: another key cannot help against a closed door. */
const unsentLimit = 3

/**
 * The only retry loop: takes a lease, makes one attempt, settles it, and goes round again while nothing has reached
 * the client and another key may do better. Never rejects.
 */
export async function failover(
  call: Call,
  client: Sink,
  parts: FailoverParts,
  bound: Bound = unbound,
): Promise<RelayReport> {
  const request = new RunningRequest({ call, sink: client, parts, bound })
  for (;;) {
    if (request.isAborted) return request.reportAbort()
    const taken = request.take()
    const lease = taken instanceof Promise ? await request.wait(taken) : taken
    if (!('settle' in lease)) return request.giveUp(lease)
    if (request.isAborted) return request.giveBack(lease)
    const result = await request.begin(lease).run()
    request.end(lease, result)
    if (result.isDelivered) return request.report(result)
    if (!request.mayGoOn(result)) return request.answerWith(result)
  }
}

/** One client request while it is under way. */
class RunningRequest implements Flow, Patience {
  readonly #call: Call
  readonly #parts: FailoverParts
  readonly #sink: CountingSink
  readonly #startedAt: number
  readonly #attempts: AttemptReport[] = []
  #tried: Set<Key> | null = null
  #current: Attempt | null = null
  #last: AttemptResult | null = null
  #inconclusive = 0
  #unsent = 0
  #waitedMs = 0
  #leave: (() => void) | null = null
  isAborted = false
  readonly #wanted: CallWanted

  constructor(given: { call: Call; sink: Sink; parts: FailoverParts; bound: Bound }) {
    const { call, sink, parts, bound } = given
    this.#call = call
    this.#parts = parts
    this.#sink = new CountingSink(sink, () => this.abort())
    this.#startedAt = parts.now()
    this.#wanted = new CallWanted(call, parts.sessions, bound)
    sink.attach(this)
  }

  get deadlineAt(): number {
    return Math.min(this.#startedAt + this.#parts.maxWaitMs, this.#totalAt)
  }

  get isNewcomer(): boolean {
    return this.#last === null
  }

  onAbort(leave: () => void): void {
    this.#leave = leave
  }

  /** Overload and broken networks are answered with what they said: other keys would meet them too. */
  take(): Lease | Refusal | Promise<Lease | Refusal> {
    const mayWait = this.#last === null || blamesKey(this.#last.outcome)
    return this.#parts.acquire(this.#wanted, mayWait ? this : null)
  }

  async wait(taken: Promise<Lease | Refusal>): Promise<Lease | Refusal> {
    const since = this.#parts.now()
    const lease = await taken
    this.#leave = null
    this.#waitedMs += Math.max(this.#parts.now() - since, 0)
    return lease
  }

  /** The client left just as a key was found for it. */
  giveBack(lease: Lease): RelayReport {
    lease[Symbol.dispose]()
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

  begin(lease: Lease): Attempt {
    this.#current = this.#parts.attempt(lease, this.#call, this.#sink, {
      totalAt: this.#totalAt,
      extraHeaders: () => this.#extraHeaders(lease),
    })
    return this.#current
  }

  end(lease: Lease, result: AttemptResult): void {
    const { keyOf, now } = this.#parts
    const { kind, status = null } = result.outcome
    const key = keyOf(lease)
    this.#current = null
    this.#last = result
    lease.settle(result.outcome, result.usage, result.firstOutputMs)
    this.#attempts.push({ key: key.id, outcome: kind, status, durationMs: now() - lease.startedAt })
    // A limit rests on the account; when that is over, so is what stood against the key.
    if (result.isDelivered || result.outcome.fault === 'limit') return
    this.#tried ??= new Set()
    this.#wanted.tried = this.#tried.add(key)
  }

  /** Whether another key may do better, and whether asking it is safe. */
  mayGoOn({ outcome }: AttemptResult): boolean {
    if (this.isAborted || !canSwitch(outcome, this.#call.route)) return false
    if (outcome.fault === 'network' && outcome.maybeRan !== true) return ++this.#unsent < unsentLimit
    if (this.#isSentOnce) return false
    return !isInconclusive(outcome) || ++this.#inconclusive < inconclusiveLimit
  }

  /** Nothing is left to try: the upstream's last word if it is worth passing on, else why no key is free. */
  giveUp(refusal: Refusal): RelayReport {
    const last = this.#last
    if (last !== null && !blamesKey(last.outcome)) return this.answerWith(last)
    return this.#answerWithError(refusalError(refusal, this.#parts.now(), this.#attempts.length))
  }

  answerWith({ outcome, reply }: AttemptResult): RelayReport {
    if (this.isAborted) return this.reportAbort()
    const attempts = this.#attempts.length
    if (reply === null) return this.#answerWithError(errorOf(outcome, attempts, this.#call.route))
    if (this.#isSentOnce && blamesKey(outcome)) return this.#answerWithError(sentOnceError(outcome, attempts))
    return this.#answerWithReply(reply)
  }

  get #totalAt(): number {
    const { totalMs } = this.#parts
    return totalMs > 0 ? this.#startedAt + totalMs : Number.POSITIVE_INFINITY
  }

  get #isSentOnce(): boolean {
    return this.#call.body !== null && 'stream' in this.#call.body
  }

  report({ outcome, error }: AttemptResult): RelayReport {
    return this.#report(outcome.kind === 'aborted' ? 499 : this.#sink.status, error)
  }

  reportAbort(): RelayReport {
    return this.#report(499, null)
  }

  #answerWithReply(reply: Reply): RelayReport {
    sendReply(this.#sink, reply, this.#extraHeaders(), this.#parts.errors)
    return this.#report(reply.status, null)
  }

  #answerWithError(error: KeyPoolError): RelayReport {
    sendError(this.#sink, error, this.#extraHeaders())
    return this.#report(error.status, error)
  }

  /** Headers of ours for the client; `serving` is the lease whose answer begins. */
  #extraHeaders(serving?: Lease): string[] {
    const attempts = this.#attempts.length + (serving === undefined ? 0 : 1)
    const headers = ['x-sfpool-attempts', String(attempts)]
    const { requestId, isTraced } = this.#call
    if (requestId !== null) headers.push('x-request-id', requestId)
    if (isTraced) headers.push('x-sfpool-trace', this.#trace(serving))
    return headers
  }

  #trace(serving: Lease | undefined): string {
    const { keyOf, now } = this.#parts
    const open =
      serving === undefined
        ? []
        : [{ key: keyOf(serving).id, outcome: null, status: null, durationMs: now() - serving.startedAt }]
    return traceHeader({
      model: this.#call.model,
      waitedMs: this.#waitedMs,
      isRepeatable: !this.#isSentOnce,
      attempts: [...this.#attempts, ...open],
    })
  }

  #report(status: number, error: KeyPoolError | null): RelayReport {
    const report: RelayReport = {
      requestId: this.#call.requestId,
      status,
      model: this.#call.model,
      outcome: this.isAborted ? 'aborted' : (this.#last?.outcome.kind ?? 'rejected'),
      attempts: this.#attempts,
      usage: this.#last?.usage ?? null,
      bytes: this.#sink.bytes,
      durationMs: this.#parts.now() - this.#startedAt,
      waitedMs: this.#waitedMs,
      error,
    }
    this.#parts.onReport(report)
    return report
  }
}
