import { KeyPoolError } from '../errors.js'
import type { OutcomeKind } from '../outcome/outcome.js'
import type { Reply } from '../relay/answer/reply.js'
import { sendError } from '../relay/answer/reply-of.js'
import { CountingSink } from '../relay/client/counting-sink.js'
import type { Flow, Sink } from '../relay/client/sink.js'
import type { AttemptReport, RelayReport } from '../relay/report.js'
import type { Call } from '../relay/request/call.js'
import { traceHeader } from '../relay/trace.js'
import { withoutHeaders } from '../wire/headers.js'
import type { FanOutPart } from './fan-out-part.js'

/** How a call is to be relayed. */
export interface RelayOptions {
  /** The only account whose keys may serve; null for any. */
  readonly account: string | null
  /** Whether the call is one of several for a client's request, which is reported as a whole. */
  readonly isPart: boolean
  /** Whether the call is free at the upstream, so that an account without money may serve it as well. */
  readonly isFree: boolean
}

export interface FanOutParts {
  readonly relay: (call: Call, sink: Sink, options: RelayOptions) => Promise<RelayReport>
  /** The monotonic clock, by which the request's duration is measured. */
  readonly monotonic: () => number
  /** Receives the report of every request that several accounts were asked for. Failover reports the others. */
  readonly onReport: (report: RelayReport) => void
}

/** The answer of one account. `reply` is null when it is incomplete, or went to the client as it came. */
export interface PartAnswer {
  readonly account: string
  readonly report: RelayReport
  readonly reply: Reply | null
}

/** A client's request for which several accounts are asked. */
export class FanOutRequest implements Flow {
  readonly call: Call
  readonly #sink: CountingSink
  readonly #parts: FanOutParts
  readonly #startedAt: number
  readonly #running = new Set<FanOutPart>()
  readonly #attempts: AttemptReport[] = []
  /** The longest wait of a part for a key: the parts wait at the same time. */
  #waitedMs = 0
  /** The part whose answer goes to the client as it comes. */
  #forwarded: FanOutPart | null = null
  isAborted = false

  constructor(call: Call, client: Sink, parts: FanOutParts) {
    this.call = call
    this.#parts = parts
    this.#sink = new CountingSink(client, () => this.abort())
    this.#startedAt = parts.monotonic()
    client.attach(this)
  }

  resume(): void {
    this.#forwarded?.resume()
  }

  abort(): void {
    this.isAborted = true
    for (const part of this.#running) part.abort()
  }

  /** Whether a part's answer is on its way to the client. */
  get isForwarding(): boolean {
    return this.#forwarded !== null
  }

  /** Makes the request, or one for another path, of one account. */
  async ask(part: FanOutPart, account: string, path: string = this.call.path): Promise<PartAnswer> {
    if (this.isAborted) part.abort()
    this.#running.add(part)
    const call = path === this.call.path ? this.call : { ...this.call, path }
    const report = await this.#parts.relay(call, part, { account, isPart: true, isFree: true })
    this.#running.delete(part)
    this.#attempts.push(...report.attempts)
    this.#waitedMs = Math.max(this.#waitedMs, report.waitedMs)
    return { account, report, reply: part.reply }
  }

  /** Forwards the answer of a part, which has begun, to the client, and aborts the other parts. */
  forward(part: FanOutPart, status: number, headers: readonly string[]): Sink {
    this.#forwarded = part
    for (const other of this.#running) if (other !== part) other.abort()
    // The running parts, the forwarded one included, have not reported their attempts yet.
    const attempts = String(this.#attempts.length + this.#running.size)
    this.#sink.head(status, withOwnHeaders(headers, ['x-sfpool-attempts', attempts]))
    return this.#sink
  }

  /** Answers the client with the answer of one part. */
  answerWith({ reply, report }: PartAnswer): RelayReport {
    if (this.isAborted) return this.report('aborted', 499)
    if (reply === null) return this.#answerWithError()
    this.#sink.head(reply.status, withOwnHeaders(reply.headers, this.#ownHeaders()))
    this.#sink.end(reply.body)
    return this.report(report.outcome, reply.status, report.error)
  }

  /** Answers the client with a list that was merged from those of several accounts. */
  answerWithList(body: Buffer, headers: readonly string[]): RelayReport {
    const own = ['content-type', 'application/json', 'content-length', String(body.length), ...headers]
    this.#sink.head(200, [...own, ...this.#ownHeaders()])
    this.#sink.end(body)
    return this.report('success', 200)
  }

  report(outcome: OutcomeKind, status: number, error: KeyPoolError | null = null): RelayReport {
    const { call, isAborted } = this
    const report: RelayReport = {
      requestId: call.requestId,
      status: isAborted ? 499 : status,
      model: call.model,
      askedModel: call.askedModel,
      client: call.client,
      outcome: isAborted ? 'aborted' : outcome,
      attempts: this.#attempts,
      usage: null,
      cost: null,
      bytes: this.#sink.bytes,
      durationMs: this.#parts.monotonic() - this.#startedAt,
      firstOutputMs: null,
      waitedMs: this.#waitedMs,
      error: isAborted ? null : error,
    }
    this.#parts.onReport(report)
    return report
  }

  #answerWithError(): RelayReport {
    const attempts = this.#attempts.length
    const error = new KeyPoolError(
      'upstream_timeout',
      'No account gave a whole answer in time. Try again, or ask for less at once with limit',
      { attempts },
    )
    sendError(this.#sink, error, this.#ownHeaders())
    return this.report('timeout', error.status, error)
  }

  #ownHeaders(): string[] {
    const { requestId, isTraced, model } = this.call
    const attempts = this.#attempts
    const headers = ['x-sfpool-attempts', String(attempts.length)]
    if (requestId !== null) headers.push('x-request-id', requestId)
    const trace = { model, waitedMs: this.#waitedMs, isRepeatable: true, attempts }
    if (isTraced) headers.push('x-sfpool-trace', traceHeader(trace))
    return headers
  }
}

/** The headers of a part's answer count its own attempts; those for the client count the attempts of all parts. */
function withOwnHeaders(headers: readonly string[], own: readonly string[]): string[] {
  const names = new Set(own.filter((_, at) => at % 2 === 0))
  return [...withoutHeaders(headers, names), ...own]
}
