import { KeyPoolError } from '../../errors.js'
import { withoutSecret } from '../../key/redact.js'
import { revealSecret, type Secret } from '../../key/secret.js'
import type { Outcome } from '../../outcome/outcome.js'
import { encodeError } from '../../sse/encode-error.js'
import type { TransportControl, TransportHandler } from '../../transport/transport.js'
import type { Usage } from '../../usage/usage.js'
import { AnswerHead } from '../answer/answer-head.js'
import type { Ending } from '../answer/ending.js'
import { MaskedBytes } from '../answer/masked-bytes.js'
import { maskedReply, maskHeaders } from '../answer/masked-reply.js'
import { isExhausted, noDescriptor } from '../answer/no-descriptor.js'
import { isNoHttp, isNoStatus, noHttp } from '../answer/no-http.js'
import { noRoom } from '../answer/no-room.js'
import type { Reader } from '../answer/reader.js'
import { readerAtFirstBytes, readerOf } from '../answer/reader-of.js'
import type { Reply } from '../answer/reply.js'
import type { Sink } from '../client/sink.js'
import type { Call } from '../request/call.js'
import { clientHeaders } from '../request/headers.js'
import { Deadline, type Phase } from './deadline.js'
import { HeldAccount } from './held-account.js'
import { meteredUsage } from './metered-usage.js'
import { optionOf } from './timeouts.js'
import type { Upstream } from './upstream.js'

/** How an attempt ended. */
export interface AttemptResult {
  readonly outcome: Outcome
  readonly usage: Usage | null
  /** Whether the client has received something, so that no other attempt may follow. */
  readonly isDelivered: boolean
  /** The upstream's answer, when it was held back. */
  readonly reply: Reply | null
  /** Why a delivered answer stayed incomplete, or the error of the pool that `reply` tells. */
  readonly error: KeyPoolError | null
  /** Whether the answer, held as `reply`, is whole but empty, and gives no reason for that. */
  readonly isEmpty: boolean
  /** The time from the dispatch to the first output; null without output. */
  readonly firstOutputMs: number | null
}

export interface AttemptInput {
  readonly call: Call
  readonly sink: Sink
  readonly upstream: Upstream
  /** The key's site. */
  readonly site: string
  readonly secret: Secret
  /** When the attempt began, in milliseconds of the monotonic clock. */
  readonly startedAt: number
  /** When the whole request must be over, in milliseconds of the monotonic clock; Infinity for never. */
  readonly totalAt: number
  /** Gives the pool's own headers for the client, when its answer begins. */
  readonly extraHeaders: () => readonly string[]
  /** Runs at the first output. */
  readonly onOutput: () => void
}

/**
 * Makes one upstream call, from its dispatch to its result. A reader for the kind of answer decides which bytes may go
 * to the client. The attempt sends them, keeps the time limits, and passes on when the client or the upstream leaves.
 */
export class Attempt implements TransportHandler {
  readonly #input: AttemptInput
  readonly #deadline: Deadline
  #settle: (result: AttemptResult) => void = () => {}
  #control: TransportControl | null = null
  #head: AnswerHead | null = null
  #reader: Reader | null = null
  #isSent = false
  #isAwaitingOutput = false
  #hasBytes = false
  #isCommitted = false
  /** Whether the client's side has asked for a pause. */
  #isPaused = false
  #isOver = false
  readonly #held: HeldAccount
  readonly #masked: MaskedBytes
  readonly #startedAt: number
  #firstOutputMs: number | null = null

  constructor(input: AttemptInput) {
    this.#input = input
    this.#startedAt = input.startedAt
    const { runtime, timeouts, buffers } = input.upstream
    this.#held = new HeldAccount(buffers)
    this.#masked = new MaskedBytes(input.secret)
    const own = timeouts.of(input.call.model)
    this.#deadline = new Deadline(runtime, own, input.totalAt, (phase) => this.#onTimeout(phase))
  }

  run(): Promise<AttemptResult> {
    const { call, upstream, site, secret } = this.#input
    return new Promise((resolve) => {
      this.#settle = resolve
      this.#deadline.connecting()
      try {
        const request = upstream.request(call, site, revealSecret(secret), () => this.#onPieceSent())
        const control = upstream.transport.dispatch(request, this)
        if (this.#isOver) control.abort()
        else this.#control = control
      } catch (error) {
        this.onError(error instanceof Error ? error : new Error(String(error)))
      }
    })
  }

  /** Goes on when the client takes data again. Web streams ask for more whenever they are read, paused or not. */
  resume(): void {
    if (this.#isOver || !this.#isPaused) return
    this.#isPaused = false
    if (this.#reader?.isWhole === true) this.#deadline.ending()
    else this.#deadline.resumed()
    this.#control?.resume()
  }

  /** Ends the attempt when the client has left. */
  abort(): void {
    if (this.#isOver) return
    this.#control?.abort()
    this.#finish(this.#isSent ? { kind: 'aborted' } : { kind: 'aborted', maybeRan: false })
  }

  onSent(): void {
    if (this.#isOver) return
    this.#isSent = true
    this.#deadline.sent()
  }

  /** Restarts the time limits: while the client is sending its body, the upstream cannot answer. */
  #onPieceSent(): void {
    if (!this.#isOver && this.#head === null) this.#deadline.sent()
  }

  onHead(status: number, received: string[]): void {
    if (this.#isOver) return
    try {
      this.#takeHead(status, received)
    } catch (error) {
      this.#onFault(error)
    }
  }

  onData(chunk: Uint8Array): void {
    // A transport may still hand over what it had when the call was broken off.
    if (this.#isOver) return
    try {
      this.#takeData(chunk)
    } catch (error) {
      this.#onFault(error)
    }
  }

  onEnd(): void {
    if (this.#isOver) return
    try {
      this.#conclude((this.#reader as Reader).end())
    } catch (error) {
      this.#onFault(error)
    }
  }

  onError(error: Error): void {
    const { message } = error
    const kind = this.#reader === null ? 'network-error' : 'truncated'
    const broken = { kind, fault: 'network', maybeRan: this.#isSent, message } as const
    try {
      if (isBrokenRequest(error)) this.#breakOff({ kind: 'aborted', message })
      else if (this.#reader === null && isExhausted(error)) this.#conclude(noDescriptor(error))
      else if (!this.#isCommitted && isNoHttp(error)) this.#conclude(noHttp(message))
      else this.#breakOff(broken)
    } catch (cause) {
      this.#onFault(cause)
    }
  }

  #takeHead(status: number, received: string[]): void {
    if (isNoStatus(status)) {
      this.#control?.abort()
      return this.#conclude(noHttp(`status ${status}`))
    }
    this.#deadline.answerBegun()
    const { call, upstream, secret } = this.#input
    const headers = clientHeaders(received, call.requestId === null ? undefined : 'x-request-id')
    maskHeaders(headers, secret)
    this.#head = new AnswerHead(status, headers, upstream.provider, this.#input)
    this.#reader = readerOf(this.#head, call)
    this.#isAwaitingOutput = this.#reader.isAwaitingOutput
    if (!this.#isAwaitingOutput) this.#deadline.outputSeen()
  }

  #takeData(chunk: Uint8Array): void {
    if (!this.#hasBytes) this.#takeFirst(chunk)
    const reader = this.#reader as Reader
    const isLooking = this.#deadline.arrived()
    if (isLooking) reader.lookAgain()
    const bytes = reader.push(chunk as Buffer)
    if (reader.isWhole) this.#deadline.ending()
    else this.#deadline.progress(isLooking && !reader.isLooking)
    if (bytes !== null) {
      this.#held.give()
      this.#forward(bytes)
    } else {
      if (!this.#hold(chunk.length)) return
      if (this.#isAwaitingOutput && !reader.isAwaitingOutput) this.#markOutput()
    }
    if (reader.failure === null) return
    this.#control?.abort()
    this.#conclude(reader.failure)
  }

  /** The first bytes may show that the answer is a stream, whatever its head says. */
  #takeFirst(bytes: Uint8Array): void {
    this.#hasBytes = true
    const labelled = this.#reader as Reader
    const head = this.#head as AnswerHead
    this.#reader = readerAtFirstBytes(labelled, { head, call: this.#input.call, bytes })
    if (this.#reader === labelled) return
    this.#isAwaitingOutput = true
    this.#deadline.outputAwaited()
  }

  /** Counts bytes that the reader holds back. Ends the attempt, and returns false, when there is no room for them. */
  #hold(bytes: number): boolean {
    if (this.#held.take(bytes)) return true
    this.#control?.abort()
    const { buffers } = this.#input.upstream
    const early = (this.#reader as Reader).endEarly?.()
    this.#conclude(early ?? noRoom(this.#head as AnswerHead, buffers, this.#held.bytes + bytes))
    return false
  }

  /*
   * The ways down, each for what the one before cannot end: `#conclude` ends an answer as its reader read it; `#breakOff`
   * one that will not be whole; `#interrupt` tells the client that has seen a part of it; `#onFault` follows an error of
   * our own in any of these, and `#abandon` one in telling the client. All lead to `#finish`, which settles once.
   */

  /**
   * Ends the attempt when it failed at its own work: whatever an upstream sends, no error may leave a callback, because
   * there it would end the process.
   */
  #onFault(cause: unknown): void {
    if (this.#isOver) return
    this.#control?.abort()
    const message = `the answer could not be read (${cause instanceof Error ? cause.message : String(cause)})`
    const outcome = { kind: 'upstream-error', fault: 'overload', maybeRan: true, message } as const
    try {
      this.#interrupt(outcome)
    } catch {
      this.#abandon(outcome)
    }
  }

  /** Ends an attempt whose client's side fails, too. */
  #abandon(outcome: Outcome): void {
    const error = new KeyPoolError('stream_interrupted', 'The answer could not be passed on')
    try {
      this.#input.sink.fail(error)
    } catch {
      // There is nobody left to tell.
    }
    this.#finish(outcome, { error })
  }

  #onTimeout(phase: Phase): void {
    this.#control?.abort()
    const message = timeoutMessage[phase]
    try {
      this.#breakOff({ kind: 'timeout', fault: 'network', phase, maybeRan: this.#isSent, message })
    } catch (error) {
      this.#onFault(error)
    }
  }

  #forward(bytes: Buffer): void {
    if (!this.#isCommitted && !this.#sendHead()) return
    const masked = this.#masked.push(bytes)
    if (masked.length === 0 || this.#input.sink.data(masked)) return
    this.#isPaused = true
    this.#deadline.paused()
    this.#control?.pause()
  }

  /** Sends the head; false when the client left meanwhile. */
  #sendHead(): boolean {
    const { status } = this.#head as AnswerHead
    const { headers } = this.#reader as Reader
    this.#isCommitted = true
    this.#markOutput()
    this.#input.sink.head(status, [...headers, ...this.#input.extraHeaders()])
    return !this.#isOver
  }

  #markOutput(): void {
    this.#isAwaitingOutput = false
    this.#deadline.outputSeen()
    if (this.#firstOutputMs !== null) return
    this.#firstOutputMs = this.#input.upstream.runtime.monotonic() - this.#startedAt
    this.#input.onOutput()
  }

  #conclude({ outcome, lastBytes, reply, isEmpty = false, error = null }: Ending): void {
    if (this.#isOver) return
    if (reply !== null && !this.#isCommitted)
      return this.#finish(outcome, { reply: maskedReply(reply, this.#input.secret), isEmpty, error })
    if (lastBytes === null) return this.#breakOff(outcome)
    if (!this.#isCommitted && !this.#sendHead()) return
    this.#input.sink.end(this.#masked.end(lastBytes))
    this.#finish(outcome)
  }

  /**
   * Ends an answer that will never be whole. When the client has seen none of it, the attempt has just failed;
   * otherwise the client gets an error.
   */
  #breakOff(given: Outcome): void {
    if (this.#isOver) return
    const outcome = withoutSecret(given, this.#input.secret)
    const reader = this.#reader
    if (reader?.isWhole === true) return this.#conclude(reader.end())
    this.#interrupt(outcome)
  }

  #interrupt(outcome: Outcome): void {
    const reader = this.#reader
    if (!this.#isCommitted) return this.#finish(outcome)
    const { sink, call } = this.#input
    const reason = outcome.message ?? outcome.kind
    const message = `The upstream broke off in the middle of its answer: ${reason}`
    const { phase } = outcome
    const details = phase === undefined ? {} : { param: optionOf[phase] }
    const error = new KeyPoolError('stream_interrupted', message, details)
    if (reader?.hasEvents === true) sink.data(encodeError(error, call.route))
    sink.fail(error)
    this.#finish(outcome, { error })
  }

  #finish(outcome: Outcome, more: Partial<Pick<AttemptResult, 'reply' | 'error' | 'isEmpty'>> = {}): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#deadline.stop()
    this.#held.give()
    const reported = this.#reader?.usage() ?? null
    const isServed = this.#head !== null && this.#head.status < 400
    const usage = isServed ? meteredUsage(reported, this.#input.call, outcome.kind === 'success') : reported
    this.#settle({
      outcome,
      usage,
      isDelivered: this.#isCommitted,
      reply: more.reply ?? null,
      error: more.error ?? null,
      isEmpty: more.isEmpty ?? false,
      firstOutputMs: this.#firstOutputMs,
    })
  }
}

/** Whether the client broke its own request off, which blames no key. */
const isBrokenRequest = (error: Error): boolean =>
  KeyPoolError.isInstance(error) && error.code === 'request_aborted'

const timeoutMessage: Readonly<Record<Phase, string>> = {
  connect: 'no connection in time',
  'first-byte': 'no answer in time',
  'first-output': 'no output in time',
  idle: 'nothing more came in time',
  stalled: 'nothing but signs of life came in time',
  total: 'the time for the whole request is over',
}
