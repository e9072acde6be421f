import { Readable } from 'node:stream'
import { type Flow, KeyPoolError, type Sink } from '@sfpool/core'
import { writeRefusal } from './answer.js'
import type { Exchange } from './exchange.js'
import type { IncomingRequest } from './incoming-request.js'
import { refusalFrom } from './refusal.js'

/**
 * Passes the answer on to the client's sink while a body is still arriving. If the body turns out too large or stalls,
 * the client gets 413 or 408 instead of the error that the aborted upstream call ends in. An error that comes before the
 * body is whole closes the connection: the rest of the body is not waited for.
 */
export class OverflowGuard implements Sink {
  /** Set once the body was found too large, or stalled. */
  overflow: { readonly error: KeyPoolError; readonly bytes: number } | undefined
  readonly #incoming: IncomingRequest
  #flow: Flow | undefined
  #hasAnswer = false
  /** Closes the connection after an answer that came before its request was whole. */
  #close: Exchange['close']

  constructor(incoming: IncomingRequest, body: Readable) {
    this.#incoming = incoming
    body.on('error', (error) => {
      if (KeyPoolError.isInstance(error) && isForClient(error)) this.#overflow(error)
    })
  }

  attach(flow: Flow): void {
    this.#flow = flow
    this.#incoming.sink.attach(flow)
  }

  head(status: number, headers: readonly string[]): void {
    if (this.overflow !== undefined) return
    this.#hasAnswer = true
    const { sink, exchange } = this.#incoming
    // Only errors come before the body is whole; an upstream that streams its answer meanwhile is left alone.
    if (status < 400 || !(exchange.body instanceof Readable) || exchange.body.readableEnded)
      return sink.head(status, headers)
    this.#close = exchange.close
    sink.head(status, this.#close === undefined ? headers : [...headers, 'connection', 'close'])
  }

  data(chunk: Uint8Array): boolean {
    return this.overflow === undefined ? this.#incoming.sink.data(chunk) : true
  }

  end(chunk?: Uint8Array): void {
    if (this.overflow !== undefined) return
    const { sink } = this.#incoming
    if (this.#close === undefined) return sink.end(chunk)
    if (chunk !== undefined && chunk.length > 0) sink.data(chunk)
    this.#close(() => sink.end())
  }

  fail(error: KeyPoolError): void {
    if (this.overflow === undefined) this.#incoming.sink.fail(error)
  }

  #overflow(error: KeyPoolError): void {
    // An upstream may answer before it has read the whole body. That answer stands.
    if (this.#hasAnswer) return
    // Set before the abort: what the engine writes while it stops must not reach the client.
    this.overflow = { error, bytes: 0 }
    this.#flow?.abort()
    const { exchange, sink, requestId } = this.#incoming
    const { method, close } = exchange
    const bytes = writeRefusal({ sink, requestId, method, close }, refusalFrom(error))
    this.overflow = { error, bytes }
  }
}

/** Whether the client must hear what was wrong with its body. */
const isForClient = ({ code }: KeyPoolError): boolean =>
  code === 'body_too_large' || code === 'request_timeout'
