import { KeyPoolError } from '../errors.js'
import type { Key } from '../key/key.js'
import type { OutcomeKind } from '../key/outcome.js'
import type { Refusal } from '../key/refusal.js'
import type { Wanted } from '../keyring.js'
import type { Lease } from '../lease.js'
import type { Usage } from '../usage/usage.js'
import type { Attempt, AttemptResult } from './attempt.js'
import type { Call } from './call.js'
import { CountingSink } from './counting-sink.js'
import { errorOf, sentOnceError } from './failure.js'
import { type Reply, sendError, sendReply } from './reply.js'
import type { Flow, Sink } from './sink.js'
import { blamesKey, canSwitch, isInconclusive } from './switching.js'

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
  /** Ours, when the answer was; null when the upstream's answer was passed on whole. */
  readonly error: KeyPoolError | null
}

/** What the loop is handed: it knows neither the pool nor the transport. */
export interface FailoverParts {
  readonly acquire: (wanted: Wanted) => Lease | Refusal
  readonly attempt: (
    lease: Lease,
    call: Call,
    sink: Sink,
    extra: { totalAt: number; extraHeaders: readonly string[] },
  ) => Attempt
  readonly keyOf: (lease: Lease) => Key
  readonly now: () => number
  /** For the whole request, in milliseconds; 0 for no limit. */
  readonly totalMs: number
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
/** Keys resting by our own guess that one request may wake when nothing else is ready. */
const lastResorts = 3

/**
 * The only retry loop: takes a lease, makes one attempt, settles it, and goes round again while nothing has reached
 * the client and another key may do better. Never rejects.
 */
export async function failover(call: Call, client: Sink, parts: FailoverParts): Promise<RelayReport> {
  const request = new RunningRequest(call, client, parts)
  for (;;) {
    if (request.isAborted) return request.reportAbort()
    const lease = parts.acquire(request.wanted)
    if (!('settle' in lease)) return request.giveUp(lease)
    const result = await request.begin(lease).run()
    request.end(lease, result)
    if (result.isDelivered) return request.report(result)
    if (!request.mayGoOn(result)) return request.answerWith(result)
  }
}

/** One client request while it is under way. */
class RunningRequest implements Flow {
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
  isAborted = false
  readonly wanted: { model: string; tried: ReadonlySet<Key> | null; lastResorts: number }

  constructor(call: Call, sink: Sink, parts: FailoverParts) {
    this.#call = call
    this.#parts = parts
    this.#sink = new CountingSink(sink, () => this.abort())
    this.#startedAt = parts.now()
    this.wanted = { model: call.model, tried: null, lastResorts }
    sink.attach(this)
  }

  resume(): void {
    this.#current?.resume()
  }

  abort(): void {
    this.isAborted = true
    this.#current?.abort()
  }

  begin(lease: Lease): Attempt {
    const { attempt, totalMs } = this.#parts
    this.#current = attempt(lease, this.#call, this.#sink, {
      totalAt: totalMs > 0 ? this.#startedAt + totalMs : Number.POSITIVE_INFINITY,
      extraHeaders: this.#extraHeaders(this.#attempts.length + 1),
    })
    return this.#current
  }

  end(lease: Lease, result: AttemptResult): void {
    const { keyOf, now } = this.#parts
    const { kind, status = null } = result.outcome
    const key = keyOf(lease)
    this.#current = null
    this.#last = result
    lease.settle(result.outcome, result.usage)
    this.#attempts.push({ key: key.id, outcome: kind, status, durationMs: now() - lease.startedAt })
    if (result.isDelivered) return
    this.#tried ??= new Set()
    this.wanted.tried = this.#tried.add(key)
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
    const { code, message, retryAfterMs } = refusal
    return this.#answerWithError(
      new KeyPoolError(code, message, {
        attempts: this.#attempts.length,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      }),
    )
  }

  answerWith({ outcome, reply }: AttemptResult): RelayReport {
    if (this.isAborted) return this.reportAbort()
    const attempts = this.#attempts.length
    if (reply === null) return this.#answerWithError(errorOf(outcome, attempts, this.#call.route))
    if (this.#isSentOnce && blamesKey(outcome)) return this.#answerWithError(sentOnceError(outcome, attempts))
    return this.#answerWithReply(reply)
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
    sendReply(this.#sink, reply, this.#extraHeaders(this.#attempts.length), this.#parts.errors)
    return this.#report(reply.status, null)
  }

  #answerWithError(error: KeyPoolError): RelayReport {
    sendError(this.#sink, error, this.#extraHeaders(this.#attempts.length))
    return this.#report(error.status, error)
  }

  #extraHeaders(attempts: number): string[] {
    const headers = ['x-sfpool-attempts', String(attempts)]
    if (this.#call.requestId !== null) headers.push('x-request-id', this.#call.requestId)
    return headers
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
      error,
    }
    this.#parts.onReport(report)
    return report
  }
}
