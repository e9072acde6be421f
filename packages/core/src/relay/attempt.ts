import { KeyPoolError } from '../errors.js'
import type { Outcome } from '../key/outcome.js'
import { headerValue } from '../provider/error-body.js'
import { errorEvent } from '../sse/encode.js'
import { EventCutter, endOfLastEvent } from '../sse/event-cutter.js'
import { StreamTap } from '../sse/tap.js'
import type { TransportControl, TransportHandler } from '../transport/transport.js'
import { usageInTail, usageOf } from '../usage/extract.js'
import type { Usage } from '../usage/usage.js'
import type { Call } from './call.js'
import { Deadline, type Phase } from './deadline.js'
import { clientHeaders } from './headers.js'
import { type Reply, replyToHiddenError } from './reply.js'
import type { Sink } from './sink.js'
import type { Upstream } from './upstream.js'

/** Replies up to this size are held until they are whole, so that a reset in their middle is nobody's loss. */
const holdLimit = 64 * 1024
/** The same for errors, which are to be judged, and mostly to be forgotten, before anybody sees them. */
const errorHoldLimit = 1024 * 1024
/** Where the usage of a large reply stands. */
const tailLength = 4 * 1024

/** How an attempt ended. */
export interface AttemptResult {
  readonly outcome: Outcome
  readonly usage: Usage | null
  /** Something reached the client, so nothing may be tried after this. */
  readonly isDelivered: boolean
  /** The upstream's answer, when it was held back. */
  readonly reply: Reply | null
  /** Why a delivered answer stayed incomplete. */
  readonly error: KeyPoolError | null
}

export interface AttemptInput {
  readonly call: Call
  readonly sink: Sink
  readonly upstream: Upstream
  /** The key's site, and its authorization. */
  readonly site: string
  readonly token: string
  /** When the whole request must be over, in milliseconds since the Unix epoch; Infinity for never. */
  readonly totalAt: number
  /** Headers of ours for the client. */
  readonly extraHeaders: readonly string[]
}

/**
 * One upstream call. Decides what of the answer may go to the client and when: errors and small replies are held
 * until whole, streams until their first output, everything else goes on as it comes.
 */
export class Attempt implements TransportHandler {
  readonly #input: AttemptInput
  readonly #deadline: Deadline
  #settle: (result: AttemptResult) => void = () => {}
  #control: TransportControl | null = null
  #mode: 'whole' | 'stream' | 'raw' = 'whole'
  #status = 0
  #headers: readonly string[] = []
  #held: Buffer[] = []
  #heldSize = 0
  #cutter: EventCutter | null = null
  #tap: StreamTap | null = null
  #tail: Buffer | null = null
  #isJson = false
  #isSent = false
  #isCommitted = false
  #isOver = false

  constructor(input: AttemptInput) {
    this.#input = input
    const { runtime, timeouts } = input.upstream
    this.#deadline = new Deadline(runtime, timeouts, input.totalAt, (phase) => this.#onTimeout(phase))
  }

  run(): Promise<AttemptResult> {
    const { call, upstream, site, token } = this.#input
    return new Promise((resolve) => {
      this.#settle = resolve
      this.#deadline.connecting()
      try {
        const control = upstream.transport.dispatch(upstream.request(call, site, token), this)
        if (this.#isOver) control.abort()
        else this.#control = control
      } catch (error) {
        this.onError(error instanceof Error ? error : new Error(String(error)))
      }
    })
  }

  /** The client wants data again. */
  resume(): void {
    if (this.#isOver) return
    this.#deadline.progress()
    this.#control?.resume()
  }

  /** The client left. */
  abort(): void {
    if (this.#isOver) return
    this.#control?.abort()
    this.#finish({ kind: 'aborted' })
  }

  onSent(): void {
    this.#isSent = true
    this.#deadline.sent()
  }

  onHead(status: number, headers: string[]): void {
    this.#deadline.progress()
    this.#status = status
    this.#headers = clientHeaders(headers, this.#input.call.requestId === null ? undefined : 'x-request-id')
    const type = headerValue(headers, 'content-type') ?? ''
    this.#isJson = jsonType.test(type)
    if (status < 400 && streamType.test(type)) {
      this.#mode = 'stream'
      this.#cutter = new EventCutter()
      this.#tap = new StreamTap(this.#input.call.route)
    } else if (status < 400 && !this.#isJson) {
      this.#mode = 'raw'
    }
    if (this.#mode !== 'stream') this.#deadline.outputSeen()
  }

  onData(chunk: Uint8Array): void {
    this.#deadline.progress()
    const bytes = chunk as Buffer
    if (this.#mode === 'stream') this.#onStreamData(bytes)
    else if (this.#mode === 'raw') this.#forwardRaw(bytes)
    else {
      this.#hold(bytes)
      if (this.#heldSize > (this.#status < 400 ? holdLimit : errorHoldLimit)) this.#becomeRaw()
    }
  }

  onEnd(): void {
    if (this.#mode === 'stream') this.#endStream()
    else if (this.#mode === 'raw') this.#endRaw()
    else this.#endWhole()
  }

  onError(error: Error): void {
    if (isBrokenRequest(error)) return this.#breakOff({ kind: 'aborted', message: error.message })
    const kind = this.#status === 0 ? 'network-error' : 'truncated'
    this.#breakOff({ kind, fault: 'network', maybeRan: this.#isSent, message: error.message })
  }

  #onTimeout(phase: Phase): void {
    this.#control?.abort()
    this.#breakOff({
      kind: 'timeout',
      fault: 'network',
      phase,
      maybeRan: this.#isSent,
      message: timeoutMessage[phase],
    })
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes)
    this.#heldSize += bytes.length
  }

  #onStreamData(chunk: Buffer): void {
    const events = this.#cutter?.push(chunk) ?? chunk
    if (events.length === 0) return
    const tap = this.#tap as StreamTap
    tap.push(events.toString())
    if (tap.error !== null) return this.#breakOffAt(tap.error, events)
    if (this.#isCommitted) return this.#forward(events)
    this.#hold(events)
    if (tap.hasOutput || this.#heldSize > holdLimit) this.#commit()
  }

  /**
   * The upstream reports a failure inside its stream. In the place of the first output nobody has seen anything, so it
   * counts as the answer. Behind output, what came before it goes on, then an event that clients raise takes its place.
   */
  #breakOffAt(data: string, events: Buffer): void {
    this.#control?.abort()
    const judged = this.#classify(data)
    const outcome: Outcome =
      judged.kind === 'success' ? { kind: 'upstream-error', fault: 'overload', status: this.#status } : judged
    if (!this.#isCommitted) return this.#finish(outcome, replyToHiddenError(outcome, data, this.#headers))
    const before = events.subarray(0, endOfLastEvent(events.subarray(0, Math.max(events.indexOf(data), 0))))
    if (before.length > 0) this.#forward(before)
    this.#breakOff(outcome)
  }

  #endStream(): void {
    const tap = this.#tap as StreamTap
    const rest = this.#cutter?.flush() ?? Buffer.alloc(0)
    tap.end(rest.toString())
    if (tap.error !== null) return this.#breakOffAt(tap.error, rest)
    if (!tap.isComplete) return this.#breakOff(halfAnswer)
    this.#hold(rest)
    this.#complete()
  }

  #forwardRaw(bytes: Buffer): void {
    if (this.#isJson)
      this.#tail = this.#tail === null ? bytes : lastBytes(Buffer.concat([lastBytes(this.#tail), bytes]))
    if (this.#isCommitted) return this.#forward(bytes)
    this.#hold(bytes)
    this.#commit()
  }

  #becomeRaw(): void {
    this.#mode = 'raw'
    this.#tail = this.#isJson ? lastBytes(Buffer.concat(this.#held)) : null
    this.#commit()
  }

  #endRaw(): void {
    if (this.#status >= 400) return this.#deliver(this.#classify(this.#tail?.toString() ?? ''))
    if (this.#tail !== null && !/[}\]"]\s*$/.test(this.#tail.toString())) return this.#breakOff(halfAnswer)
    this.#complete()
  }

  #endWhole(): void {
    const body = this.#held.length === 1 ? (this.#held[0] as Buffer) : Buffer.concat(this.#held)
    const text = this.#status >= 400 || this.#isJson ? body.toString() : ''
    if (this.#status >= 400) return this.#finish(this.#classify(text), this.#replyOf(body))
    if (this.#isJson && isCutJson(text)) return this.#breakOff(halfAnswer)
    // Most replies end with their usage, which then need not be found by parsing all of them.
    let usage = this.#isJson ? usageInTail(text) : null
    if (usage === null && this.#isJson) {
      const parsed = parse(text)
      const outcome = mayBeError(parsed) ? this.#classify(text) : undefined
      if (outcome !== undefined && outcome.kind !== 'success')
        return this.#finish(outcome, replyToHiddenError(outcome, text, this.#headers))
      usage = usageOf(parsed)
    }
    this.#held = [body]
    this.#complete(usage)
  }

  #replyOf(body: Buffer): Reply {
    return { status: this.#status, headers: this.#headers, body }
  }

  #classify(body: string): Outcome {
    return this.#input.upstream.provider.classify({ status: this.#status, headers: this.#headers, body })
  }

  /** The answer is whole: what is still held goes with its end. */
  #complete(usage: Usage | null = this.#usage()): void {
    this.#deliver({ kind: 'success', status: this.#status }, usage)
  }

  #deliver(outcome: Outcome, usage: Usage | null = null): void {
    const { sink } = this.#input
    const last = this.#held.pop()
    if (!this.#isCommitted && !this.#sendHead()) return
    for (const bytes of this.#held) sink.data(bytes)
    sink.end(last)
    this.#finish(outcome, null, usage)
  }

  /** Whether the client still wants what follows. */
  #sendHead(): boolean {
    this.#isCommitted = true
    this.#deadline.outputSeen()
    this.#input.sink.head(this.#status, [...this.#headers, ...this.#input.extraHeaders])
    return !this.#isOver
  }

  #commit(): void {
    if (!this.#sendHead()) return
    const held = this.#held
    this.#held = []
    for (const bytes of held) this.#forward(bytes)
  }

  #forward(bytes: Buffer): void {
    if (this.#input.sink.data(bytes)) return
    this.#deadline.paused()
    this.#control?.pause()
  }

  /** The answer will never be whole. Unseen, that is one more failed attempt; seen, the client must be told. */
  #breakOff(outcome: Outcome): void {
    if (this.#isOver) return
    if (!this.#isCommitted) return this.#finish(outcome)
    const { sink, call } = this.#input
    const error = new KeyPoolError(
      'stream_interrupted',
      `The upstream broke off in the middle of its answer: ${outcome.message ?? outcome.kind}`,
    )
    if (this.#mode === 'stream') sink.data(errorEvent(error, call.route))
    sink.fail(error)
    this.#finish(outcome, null, this.#usage(), error)
  }

  #usage(): Usage | null {
    return this.#tap?.usage() ?? (this.#tail === null ? null : usageInTail(this.#tail.toString()))
  }

  #finish(
    outcome: Outcome,
    reply: Reply | null = null,
    usage = this.#usage(),
    error: KeyPoolError | null = null,
  ): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#deadline.stop()
    this.#held = []
    this.#settle({ outcome, usage, isDelivered: this.#isCommitted, reply, error })
  }
}

/** The client's own doing, which blames nobody. */
const isBrokenRequest = (error: Error): boolean =>
  KeyPoolError.isInstance(error) && error.code === 'request_aborted'

const timeoutMessage: Readonly<Record<Phase, string>> = {
  connect: 'no connection in time',
  'first-byte': 'no answer in time',
  'first-output': 'no output in time',
  idle: 'nothing more came in time',
  total: 'the time for the whole request is over',
}

/** HTTP says that the answer is over; the answer itself says that it is not. */
const halfAnswer: Outcome = {
  kind: 'truncated',
  fault: 'network',
  maybeRan: true,
  message: 'the answer ended early',
}

const lastBytes = (bytes: Buffer): Buffer =>
  bytes.length <= tailLength ? bytes : bytes.subarray(-tailLength)

/** `application/json` and its kin, but not the line-wise kinds, which are streams. */
const jsonType = /\bjson\s*(?:;|$)/i
const streamType = /^text\/event-stream\b/i

/** Whether the text begins an object or a list and does not end it. Anything else is for the client to judge. */
function isCutJson(text: string): boolean {
  const trimmed = text.trim()
  if (trimmed[0] === '{') return !trimmed.endsWith('}')
  return trimmed[0] === '[' && !trimmed.endsWith(']')
}

/** Successful answers bear no `error` and no code but SiliconFlow's 20000. */
function mayBeError(parsed: unknown): boolean {
  return typeof parsed === 'object' && parsed !== null && ('error' in parsed || 'code' in parsed)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
