import type { ByteBudget } from '../../collections/byte-budget.js'
import { KeyPoolError } from '../../errors.js'
import { readErrorBody } from '../../provider/error-body.js'
import type { Runtime, Timer } from '../../runtime/runtime.js'
import { encodeError, encodeErrorReply } from '../../sse/encode-error.js'
import { encodeReply } from '../../sse/encode-reply.js'
import { endOfLastEvent } from '../../sse/event-cutter.js'
import { heartbeat } from '../../sse/heartbeat.js'
import { isEventStream, isJsonType } from '../../wire/content-type.js'
import { headerValue } from '../../wire/headers.js'
import { HeldBytes } from '../../wire/held-bytes.js'
import { streamHeaders } from '../answer/body-headers.js'
import { assemblyLimit } from '../answer/too-long.js'
import type { Call } from '../request/call.js'
import type { Flow, Sink } from './sink.js'

export interface HeartbeatParts {
  readonly call: Pick<Call, 'route' | 'requestId' | 'wantsUsage'>
  readonly runtime: Runtime
  /** The silence after which a comment is sent, in milliseconds. */
  readonly everyMs: number
  /** Counts the bytes of an answer that is held because its stream had begun. */
  readonly buffers?: ByteBudget
}

/**
 * Keeps the connection of a client that waits for a stream alive: after some silence it sends the head of a stream and
 * a comment, and later more comments between events. Failover can go on behind them. The answer that then comes is made
 * to fit the stream that has begun: the head of a stream is dropped, an error becomes an error event without a clean
 * end, and one reply becomes events.
 */
export function heartbeatSink(sink: Sink, parts: HeartbeatParts): Sink {
  return new HeartbeatSink(sink, parts)
}

/** An answer that came after a stream had begun, and so cannot have its own head. */
interface LateAnswer {
  readonly status: number
  readonly isJson: boolean
  readonly body: HeldBytes
  /** Whether there was no room for some of it. */
  isCut: boolean
}

class HeartbeatSink implements Sink, Flow {
  readonly #sink: Sink
  readonly #parts: HeartbeatParts
  #flow: Flow | null = null
  #timer: Timer | undefined
  #lastAt = 0
  #hasHead = false
  /** Whether a comment has been sent, so that the upstream's bytes are no longer the beginning of the stream. */
  #hasBeaten = false
  #hasData = false
  #isBetweenEvents = true
  #late: LateAnswer | null = null
  /** Bytes of it that are counted. */
  #held = 0
  /** Whether the client takes nothing at the moment. */
  #isBlocked = false
  /** Whether the engine was asked to pause, and waits for `resume`. */
  #isPaused = false
  #isOver = false

  constructor(sink: Sink, parts: HeartbeatParts) {
    this.#sink = sink
    this.#parts = parts
  }

  attach(flow: Flow): void {
    this.#flow = flow
    this.#lastAt = this.#parts.runtime.monotonic()
    this.#sink.attach(this)
    this.#arm(this.#parts.everyMs)
  }

  resume(): void {
    this.#isBlocked = false
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#flow?.resume()
  }

  abort(): void {
    this.#stop()
    this.#giveHeld()
    this.#flow?.abort()
  }

  head(status: number, headers: readonly string[]): void {
    const type = headerValue(headers, 'content-type')
    const isStream = status === 200 && isEventStream(headers)
    if (this.#hasHead) {
      if (!isStream) this.#late = { status, isJson: isJsonType(type), body: new HeldBytes(), isCut: false }
      return
    }
    this.#hasHead = true
    this.#lastAt = this.#parts.runtime.monotonic()
    if (!isStream) this.#stop()
    this.#sink.head(status, headers)
  }

  data(chunk: Uint8Array): boolean {
    if (this.#late !== null) {
      this.#hold(this.#late, asBuffer(chunk))
      return true
    }
    const bytes = this.#withoutMark(asBuffer(chunk))
    this.#lastAt = this.#parts.runtime.monotonic()
    this.#isBetweenEvents = endOfLastEvent(bytes) === bytes.length
    this.#isBlocked = !this.#sink.data(bytes)
    this.#isPaused = this.#isBlocked
    return !this.#isBlocked
  }

  end(chunk?: Uint8Array): void {
    this.#stop()
    if (this.#late !== null) {
      if (chunk !== undefined) this.#hold(this.#late, asBuffer(chunk))
      return this.#endLate(this.#late)
    }
    if (chunk === undefined) this.#sink.end()
    else this.#sink.end(this.#withoutMark(asBuffer(chunk)))
  }

  fail(error: KeyPoolError): void {
    const isUnseen = this.#hasBeaten && (this.#late !== null || !this.#hasData)
    this.#stop()
    this.#giveHeld()
    if (isUnseen) this.#sink.data(encodeError(error, this.#parts.call.route))
    this.#sink.fail(error)
  }

  #hold(late: LateAnswer, chunk: Buffer): void {
    late.isCut ||= late.body.size > assemblyLimit || this.#parts.buffers?.take(chunk.length) === false
    if (late.isCut) return
    late.body.add(chunk)
    this.#held += chunk.length
  }

  #giveHeld(): void {
    if (this.#held > 0) this.#parts.buffers?.give(this.#held)
    this.#held = 0
  }

  #endLate({ status, isJson, body, isCut }: LateAnswer): void {
    const { route, wantsUsage } = this.#parts.call
    const isWhole = !isCut && body.size <= assemblyLimit
    const text = isWhole ? body.take().toString() : ''
    this.#giveHeld()
    const stream = status === 200 && isJson ? encodeReply(text, route, wantsUsage) : null
    if (stream !== null) return this.#sink.end(stream)
    const isError = status >= 400
    const { message = `HTTP ${status}` } = isError ? readErrorBody(text) : { message: unfit }
    const error = new KeyPoolError('stream_interrupted', message)
    this.#sink.data(isError ? encodeErrorReply(status, text, route) : encodeError(error, route))
    this.#sink.fail(error)
  }

  /** Drops a byte order mark, which would make its event unreadable in the middle of a stream. */
  #withoutMark(bytes: Buffer): Buffer {
    const isFirst = !this.#hasData
    this.#hasData = true
    const isMarked = isFirst && this.#hasBeaten && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    return isMarked ? bytes.subarray(3) : bytes
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined
    const { runtime, everyMs } = this.#parts
    const leftMs = this.#lastAt + everyMs - runtime.monotonic()
    if (leftMs > 0) return this.#arm(leftMs)
    if (this.#isBetweenEvents && !this.#isBlocked) this.#beat()
    this.#arm(everyMs)
  }

  #beat(): void {
    if (!this.#hasHead && !this.#begin()) return
    this.#hasBeaten = true
    this.#lastAt = this.#parts.runtime.monotonic()
    // The sink gets a copy, because it may write to the bytes.
    this.#isBlocked = !this.#sink.data(Buffer.from(heartbeat))
  }

  /** Sends the head of a stream; false when the client could not take it. */
  #begin(): boolean {
    const { requestId } = this.#parts.call
    this.#hasHead = true
    try {
      this.#sink.head(200, requestId === null ? streamHeaders : [...streamHeaders, 'x-request-id', requestId])
    } catch (cause) {
      this.#stop()
      this.#sink.fail(new KeyPoolError('stream_interrupted', 'The answer could not be passed on', { cause }))
      this.#flow?.abort()
    }
    return !this.#isOver
  }

  #arm(delayMs: number): void {
    if (!this.#isOver) this.#timer = this.#parts.runtime.setTimer(this.#onTimer, delayMs)
  }

  #stop(): void {
    this.#isOver = true
    if (this.#timer !== undefined) this.#parts.runtime.clearTimer(this.#timer)
    this.#timer = undefined
  }
}

const unfit = 'The answer came after the stream had begun, and is none that can be sent as one'

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
