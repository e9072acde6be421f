import { KeyPoolError } from '../errors.js'
import type { OutcomeKind } from '../outcome/outcome.js'
import { type Reply, sendError } from '../relay/answer/reply.js'
import { CountingSink } from '../relay/client/counting-sink.js'
import type { Flow, Sink } from '../relay/client/sink.js'
import type { AttemptReport, RelayReport } from '../relay/report.js'
import type { Call } from '../relay/request/call.js'
import { traceHeader } from '../relay/trace.js'
import { withoutHeaders } from '../wire/headers.js'
import type { FanOutPart } from './fan-out-part.js'

/** How a call is to be relayed. */
export interface RelayOptions {
  /** Only keys of this account may serve; null for any. */
  readonly account: string | null
  /** The call is one of several made for one request of a client, which is reported as a whole. */
  readonly isPart: boolean
  /** It costs nothing at the upstream, so that an account without money may be asked as well. */
  readonly isFree: boolean
}

export interface FanOutParts {
  readonly relay: (call: Call, sink: Sink, options: RelayOptions) => Promise<RelayReport>
  readonly now: () => number
  /** Told of every request that was answered by asking several accounts, as failover tells of the others. */
  readonly onReport: (report: RelayReport) => void
}

/** What one account said. `reply` is null when it did not come to its end, or went to the client as it came. */
export interface PartAnswer {
  readonly account: string
  readonly report: RelayReport
  readonly reply: Reply | null
}

/** One request of a client while several accounts are being asked for it. */
export class FanOutRequest implements Flow {
  readonly call: Call
  readonly #sink: CountingSink
  readonly #parts: FanOutParts
  readonly #startedAt: number
  readonly #running = new Set<FanOutPart>()
  readonly #attempts: AttemptReport[] = []
  /** The longest that a part waited for a key: they wait side by side. */
  #waitedMs = 0
  /** Whose answer goes to the client as it comes. */
  #taken: FanOutPart | null = null
  isAborted = false

  constructor(call: Call, client: Sink, parts: FanOutParts) {
    this.call = call
    this.#parts = parts
    this.#sink = new CountingSink(client, () => this.abort())
    this.#startedAt = parts.now()
    client.attach(this)
  }

  resume(): void {
    this.#taken?.resume()
  }

  abort(): void {
    this.isAborted = true
    for (const question of this.#running) question.abort()
  }

  /** Whether an answer is on its way to the client. */
  get isTaken(): boolean {
    return this.#taken !== null
  }

  async ask(question: FanOutPart, account: string, path: string = this.call.path): Promise<PartAnswer> {
    if (this.isAborted) question.abort()
    this.#running.add(question)
    const call = path === this.call.path ? this.call : { ...this.call, path }
    const report = await this.#parts.relay(call, question, { account, isPart: true, isFree: true })
    this.#running.delete(question)
    this.#attempts.push(...report.attempts)
    this.#waitedMs = Math.max(this.#waitedMs, report.waitedMs)
    return { account, report, reply: question.reply }
  }

  /** Gives the answer that has begun to the client; the other questions are over. */
  take(question: FanOutPart, status: number, headers: readonly string[]): Sink {
    this.#taken = question
    for (const other of this.#running) if (other !== question) other.abort()
    // The one whose answer this is has not reported its attempts yet.
    const attempts = String(this.#attempts.length + this.#running.size)
    this.#sink.head(status, replaced(headers, ['x-sfpool-attempts', attempts]))
    return this.#sink
  }

  answerWith({ reply, report }: PartAnswer): RelayReport {
    if (this.isAborted) return this.report('aborted', 499)
    if (reply === null) return this.#answerWithError()
    this.#sink.head(reply.status, replaced(reply.headers, this.#ownHeaders()))
    this.#sink.end(reply.body)
    return this.report(report.outcome, reply.status, report.error)
  }

  /** An answer of several accounts' together. */
  answerJointly(body: Buffer, headers: readonly string[]): RelayReport {
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
      outcome: isAborted ? 'aborted' : outcome,
      attempts: this.#attempts,
      usage: null,
      bytes: this.#sink.bytes,
      durationMs: this.#parts.now() - this.#startedAt,
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

/** One account's answer tells of its own attempts only, the client's of all. */
function replaced(headers: readonly string[], own: readonly string[]): string[] {
  const names = new Set(own.filter((_, at) => at % 2 === 0))
  return [...withoutHeaders(headers, names), ...own]
}
