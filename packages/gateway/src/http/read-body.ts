import { type Readable, Transform, type TransformCallback } from 'node:stream'
import { type Body, type ByteBudget, KeyPoolError } from '@sfpool/core'
import { BodyBytes } from './body-bytes.js'
import type { StallWatch, Watched } from './stall-watch.js'

/** Limits on the bodies of requests. */
export interface BodyLimits {
  /** Largest body accepted, in bytes. */
  readonly maxBody: number
  /** Up to this many bytes are kept, so that every attempt can send them again. */
  readonly replayLimit: number
  /** Counts the bytes of all bodies. */
  readonly buffers: ByteBudget
  /** Finds clients that stop in the middle of a body. */
  readonly watch: StallWatch
  /** Bytes per second that a body must come with, on average over the time that `watch` allows. */
  readonly minRate: number
}

/** A body that is not kept and is passed on while it arrives: `stream` follows `head`. */
export type StreamedBody = Extract<Body, { stream: Readable }>

/** A body as the engine takes it: in memory, null when it is empty, or still arriving. */
export type ReadBody = (
  | { readonly kind: 'buffered'; readonly body: { readonly bytes: Uint8Array } | null }
  | { readonly kind: 'streamed'; readonly body: StreamedBody }
) & {
  /** Bytes taken of the budget, to be given back once the body is no longer needed. */
  readonly held: number
}

/** The body of a request, or the error that kept it from arriving. */
export type BodyResult = ReadBody | { readonly kind: 'failed'; readonly error: KeyPoolError }

/** What an empty body is read as. */
export const emptyBody: ReadBody = Object.freeze({ kind: 'buffered', body: null, held: 0 })

/** Bodies up to this size may use the reserve of the budget: nearly all chats are smaller, and need it shortly. */
const smallBody = 64 * 1024

/** How long a client waits before it sends a body again that found no room. */
const retryAfterMs = 2_000

/** The error for a body above the limit. */
export function bodyTooLarge(maxBody: number): KeyPoolError {
  return new KeyPoolError(
    'body_too_large',
    `The request body is larger than ${maxBody} bytes. Send less, or raise --max-body, SFPOOL_MAX_BODY or the option maxBody.`,
  )
}

/** The error for a body of which so many bytes find no room in memory. */
export function buffersFull({ limit }: ByteBudget, bytes: number): KeyPoolError {
  if (bytes > limit)
    return new KeyPoolError(
      'body_too_large',
      `The request body is larger than the memory for bodies (${limit} bytes), so another try would end alike. Send less, or raise --buffer-budget, SFPOOL_BUFFER_BUDGET or the option bufferBudget.`,
    )
  return new KeyPoolError(
    'overloaded',
    `The bodies of other requests fill the memory for them (${limit} bytes). Send the request again, or raise --buffer-budget, SFPOOL_BUFFER_BUDGET or the option bufferBudget.`,
    { retryAfterMs },
  )
}

function bodyStalled(limits: BodyLimits): KeyPoolError {
  const least = leastBytes(limits)
  return new KeyPoolError(
    'request_timeout',
    `${least === 1 ? 'Nothing' : `Less than ${least} bytes`} of the request body came for ${limits.watch.timeoutMs} ms. Send it without pauses, or raise --body-timeout, SFPOOL_BODY_TIMEOUT or the option bodyTimeoutMs, or lower --body-min-rate, SFPOOL_BODY_MIN_RATE or the option bodyMinRate.`,
  )
}

/** What must come of a body within the time that is allowed. */
const leastBytes = ({ watch, minRate }: BodyLimits): number =>
  Math.max(1, Math.floor((minRate * watch.timeoutMs) / 1000))

/** A figure that changes whenever enough bytes have come: a client that sends one byte now and then has stalled, too. */
const progress = (bytes: number, limits: BodyLimits): number => Math.floor(bytes / leastBytes(limits))

/**
 * Reads a body into memory, or turns it into a counted stream once it exceeds the replay limit or the budget has no room
 * to keep it. Calls `done` once: with the body, or with the error that kept it from arriving (`body_too_large`,
 * `overloaded`, `request_timeout`, or `request_aborted` when the client left). A body that is not wanted leaves its
 * stream paused; the owner of the stream drains or closes it.
 */
export function readBody(stream: Readable, limits: BodyLimits, done: (result: BodyResult) => void): void {
  new BodyReading(stream, limits, done).start()
}

class BodyReading implements Watched {
  seenMovement = 0
  seenAt = 0
  readonly #stream: Readable
  readonly #limits: BodyLimits
  readonly #done: (result: BodyResult) => void
  #bytes = new BodyBytes()
  /** Bytes taken of the budget. */
  #held = 0
  #isDone = false

  constructor(stream: Readable, limits: BodyLimits, done: (result: BodyResult) => void) {
    this.#stream = stream
    this.#limits = limits
    this.#done = done
  }

  start(): void {
    const stream = this.#stream
    this.#limits.watch.add(this)
    // These listeners stay: an error that comes after the answer must not bring the process down.
    stream.on('error', (cause) => this.#onGone(cause))
    stream.on('close', () => this.#onGone(undefined))
    stream.on('end', () => this.#onEnd())
    stream.on('data', this.#onData)
  }

  movement(): number | null {
    return this.#isDone ? null : progress(this.#bytes.size, this.#limits)
  }

  onStall(): void {
    this.#stream.pause()
    this.#fail(bodyStalled(this.#limits))
  }

  readonly #onData = (chunk: Uint8Array): void => {
    const { maxBody, replayLimit, buffers } = this.#limits
    const bytes = this.#bytes
    bytes.add(chunk)
    const isKept = bytes.size <= replayLimit && bytes.size <= maxBody && this.#takeToKeep()
    if (isKept) return
    this.#stream.pause()
    if (bytes.size > maxBody) return this.#fail(bodyTooLarge(maxBody))
    if (!this.#takeMore()) return this.#fail(buffersFull(buffers, bytes.held))
    // Ends the buffering first: the stream must have no other reader when it is piped on.
    this.#finish()
    const head = this.#takeBytes()
    this.#done({ kind: 'streamed', body: streamedBody(this.#stream, head, this.#limits), held: this.#held })
  }

  #onEnd(): void {
    if (this.#isDone) return
    this.#finish()
    if (this.#bytes.size === 0) return this.#done(emptyBody)
    this.#done({ kind: 'buffered', body: { bytes: this.#takeBytes() }, held: this.#held })
  }

  /** Every stream closes; only one that closes too early is an error. */
  #onGone(cause: unknown): void {
    if (this.#isDone) return
    const message = 'The client left before it had sent the request.'
    this.#fail(new KeyPoolError('request_aborted', message, { cause }))
  }

  /** Takes room for what has come; false when there is none to keep it in. */
  #takeToKeep(): boolean {
    if (this.#bytes.size <= smallBody) return this.#takeMore()
    const more = this.#bytes.held - this.#held
    if (!this.#limits.buffers.take(more)) return false
    this.#held += more
    return true
  }

  /** Takes room for what has come, from the reserve too. */
  #takeMore(): boolean {
    const more = this.#bytes.held - this.#held
    if (!this.#limits.buffers.takeReserved(more)) return false
    this.#held += more
    return true
  }

  #takeBytes(): Uint8Array {
    const joined = this.#bytes.joined()
    this.#bytes = new BodyBytes()
    this.#limits.buffers.count(joined.length - this.#held)
    this.#held = joined.length
    return joined
  }

  #fail(error: KeyPoolError): void {
    if (this.#isDone) return
    this.#finish()
    this.#bytes = new BodyBytes()
    this.#limits.buffers.give(this.#held)
    this.#held = 0
    this.#done({ kind: 'failed', error })
  }

  #finish(): void {
    this.#isDone = true
    this.#limits.watch.remove(this)
    this.#stream.off('data', this.#onData)
  }
}

function streamedBody(stream: Readable, head: Uint8Array, limits: BodyLimits): StreamedBody {
  const counted = new CountedBody(limits, head.byteLength)
  // An error ends the upload that reads this stream. Before an upload reads it, the error must not be an uncaught one.
  counted.on('error', () => {})
  stream.on('close', () => {
    if (!stream.readableEnded) counted.destroy(new KeyPoolError('request_aborted', 'The client left.'))
  })
  stream.pipe(counted)
  return { stream: counted, head }
}

/**
 * Passes bytes through and fails with `body_too_large` when there are too many, with `request_timeout` when the client
 * sends no more of them, or too few.
 */
class CountedBody extends Transform implements Watched {
  seenMovement = 0
  seenAt = 0
  readonly #limits: BodyLimits
  #size: number
  #waits = 0

  constructor(limits: BodyLimits, size: number) {
    super()
    this.#limits = limits
    this.#size = size
    limits.watch.add(this)
  }

  movement(): number | null {
    if (this.destroyed || this.writableEnded) return null
    // While bytes wait to be taken, it is the upstream that has stalled, which has time limits of its own.
    return this.readableLength > 0 ? --this.#waits : progress(this.#size, this.#limits)
  }

  onStall(): void {
    this.destroy(bodyStalled(this.#limits))
  }

  override _transform(chunk: Uint8Array, _encoding: string, done: TransformCallback): void {
    this.#size += chunk.length
    const { maxBody } = this.#limits
    if (this.#size > maxBody) done(bodyTooLarge(maxBody))
    else done(null, chunk)
  }
}
