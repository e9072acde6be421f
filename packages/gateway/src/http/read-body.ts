import { type Readable, Transform, type TransformCallback } from 'node:stream'
import { type Body, KeyPoolError } from '@sfpool/core'

/** Limits on the bodies of requests. */
export interface BodyLimits {
  /** Largest body accepted, in bytes. */
  readonly maxBody: number
  /** Up to this many bytes are kept, so that every attempt can send them again. */
  readonly replayLimit: number
}

/** A body that is too large to keep and is passed on while it arrives: `stream` follows `head`. */
export type StreamedBody = Extract<Body, { stream: Readable }>

/** A body as the engine takes it: in memory, null when it is empty, or still arriving. */
export type ReadBody =
  | { readonly kind: 'buffered'; readonly body: { readonly bytes: Uint8Array } | null }
  | { readonly kind: 'streamed'; readonly body: StreamedBody }

/** The body of a request, or the error that kept it from arriving. */
export type BodyResult = ReadBody | { readonly kind: 'failed'; readonly error: KeyPoolError }

/** What an empty body is read as. */
export const emptyBody: ReadBody = Object.freeze({ kind: 'buffered', body: null })

/** The error for a body above the limit. */
export function bodyTooLarge(maxBody: number): KeyPoolError {
  return new KeyPoolError(
    'body_too_large',
    `The request body is larger than ${maxBody} bytes. Send less, or raise --max-body, SFPOOL_MAX_BODY or the option maxBody.`,
  )
}

/**
 * Reads a body into memory, or turns it into a counted stream once it exceeds the replay limit. Calls `done` once: with
 * the body, or with the error that kept it from arriving (`body_too_large`, or `request_aborted` when the client left).
 * A body that is too large leaves its stream paused; the owner of the stream drains or closes it.
 */
export function readBody(stream: Readable, limits: BodyLimits, done: (result: BodyResult) => void): void {
  const chunks: Uint8Array[] = []
  let size = 0
  let isDone = false

  const finish = (result: BodyResult): void => {
    if (isDone) return
    isDone = true
    stream.off('data', onData)
    done(result)
  }
  const onData = (chunk: Uint8Array): void => {
    size += chunk.length
    chunks.push(chunk)
    if (size <= limits.replayLimit && size <= limits.maxBody) return
    stream.pause()
    if (size > limits.maxBody) return finish({ kind: 'failed', error: bodyTooLarge(limits.maxBody) })
    // Ends the buffering first: the stream must have no other reader when it is piped on.
    isDone = true
    stream.off('data', onData)
    done({ kind: 'streamed', body: streamedBody(stream, joined(chunks), limits.maxBody) })
  }
  const onGone = (cause?: unknown): void => {
    // Every stream closes; only one that closes too early is an error.
    if (isDone) return
    const message = 'The client left before it had sent the request.'
    finish({ kind: 'failed', error: new KeyPoolError('request_aborted', message, { cause }) })
  }

  // These listeners stay: an error that comes after the answer must not bring the process down.
  stream.on('error', onGone)
  stream.on('close', onGone)
  stream.on('end', () => {
    if (isDone) return
    isDone = true
    done(size === 0 ? emptyBody : { kind: 'buffered', body: { bytes: joined(chunks) } })
  })
  stream.on('data', onData)
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks)
}

function streamedBody(stream: Readable, head: Uint8Array, maxBody: number): StreamedBody {
  const counted = new CountedBody(maxBody, head.byteLength)
  // An error ends the upload that reads this stream. Before an upload reads it, the error must not be an uncaught one.
  counted.on('error', () => {})
  stream.on('close', () => {
    if (!stream.readableEnded) counted.destroy(new KeyPoolError('request_aborted', 'The client left.'))
  })
  stream.pipe(counted)
  return { stream: counted, head }
}

/** Passes bytes through and fails with `body_too_large` when there are too many. */
class CountedBody extends Transform {
  readonly #maxBody: number
  #size: number

  constructor(maxBody: number, size: number) {
    super()
    this.#maxBody = maxBody
    this.#size = size
  }

  override _transform(chunk: Uint8Array, _encoding: string, done: TransformCallback): void {
    this.#size += chunk.length
    if (this.#size > this.#maxBody) done(bodyTooLarge(this.#maxBody))
    else done(null, chunk)
  }
}
