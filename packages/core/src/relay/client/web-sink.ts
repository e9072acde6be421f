import type { KeyPoolError } from '../../errors.js'
import type { Flow, Sink } from './sink.js'

/** The statuses whose `Response` may not have a body. */
const bodiless = new Set([101, 204, 205, 304])

/** The most unread bytes before the upstream is asked to pause. */
const highWaterMark = 64 * 1024

/**
 * Creates a sink that feeds one `Response`. `response` resolves when the head comes. It rejects with the signal's
 * reason when the signal fires before that, and with a `KeyPoolError` when there is no answer. Cancelling the body or
 * firing the signal aborts the request at the upstream.
 */
export function webSink(signal?: AbortSignal | null): { sink: Sink; response: Promise<Response> } {
  const sink = new WebSink(signal ?? null)
  return { sink, response: sink.response }
}

class WebSink implements Sink {
  readonly response: Promise<Response>
  readonly #signal: AbortSignal | null
  #resolve: (response: Response) => void = () => {}
  #reject: (reason: unknown) => void = () => {}
  #flow: Flow | null = null
  #body: ReadableStreamDefaultController<Uint8Array> | null = null
  #failure: KeyPoolError | null = null
  #isOver = false

  constructor(signal: AbortSignal | null) {
    this.#signal = signal
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.response.catch(() => {})
  }

  attach(flow: Flow): void {
    this.#flow = flow
    if (this.#signal?.aborted) this.#onAbort()
    else this.#signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  head(status: number, headers: readonly string[]): void {
    const list = new Headers()
    for (let at = 0; at + 1 < headers.length; at += 2)
      list.append(headers[at] as string, headers[at + 1] as string)
    this.#resolve(new Response(bodiless.has(status) ? null : this.#stream(), { status, headers: list }))
  }

  data(chunk: Uint8Array): boolean {
    if (this.#isOver || this.#body === null) return true
    this.#body.enqueue(chunk)
    return (this.#body.desiredSize ?? 1) > 0
  }

  end(chunk?: Uint8Array): void {
    if (chunk !== undefined && chunk.length > 0) this.data(chunk)
    if (!this.#isOver) this.#body?.close()
    this.#finish()
  }

  fail(error: KeyPoolError): void {
    // This has no effect when `response` has resolved.
    this.#reject(error)
    if (!this.#isOver) this.#failure = error
    this.#finish()
    this.#failWhenRead()
  }

  unsent(): number {
    const room = this.#body?.desiredSize ?? highWaterMark
    // A body that was read to its end has no room either.
    return this.#isOver && room === 0 ? 0 : highWaterMark - room
  }

  progress(): number {
    return -this.unsent()
  }

  cut(error: KeyPoolError): void {
    this.#reject(error)
    // Unlike `fail`, this drops the bytes that nobody reads.
    this.#body?.error(error)
    this.#finish()
  }

  #stream(): ReadableStream<Uint8Array> {
    return new ReadableStream(
      {
        start: (controller) => {
          this.#body = controller
        },
        pull: () => {
          if (this.#failure === null) this.#flow?.resume()
          else this.#failWhenRead()
        },
        cancel: () => {
          this.#finish()
          this.#flow?.abort()
        },
      },
      { highWaterMark, size: (chunk) => chunk.byteLength },
    )
  }

  /** Fails the body when all of it is read, because an error discards the unread bytes. */
  #failWhenRead(): void {
    if (this.#failure !== null && this.#body?.desiredSize === highWaterMark) this.#body.error(this.#failure)
  }

  readonly #onAbort = (): void => {
    const reason = this.#signal?.reason ?? new DOMException('This operation was aborted', 'AbortError')
    this.#reject(reason)
    if (!this.#isOver) this.#body?.error(reason)
    this.#finish()
    this.#flow?.abort()
  }

  #finish(): void {
    this.#isOver = true
    this.#signal?.removeEventListener('abort', this.#onAbort)
  }
}
