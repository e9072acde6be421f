import type { KeyPoolError } from '../errors.js'
import type { Flow, Sink } from '../relay/client/sink.js'
import { isJsonType } from '../wire/content-type.js'
import { headerValue } from '../wire/headers.js'
import { parseJson } from '../wire/json.js'

/** Answers that name a created resource have a few hundred bytes; lists have more. */
const copyLimit = 256 * 1024

/**
 * Passes an answer on, and keeps a copy of it while it is JSON of moderate size. The end waits for `release`, so that
 * the pool knows the resources that the answer names before the client can ask for them.
 */
export class AnswerTap implements Sink {
  readonly #sink: Sink
  #chunks: Uint8Array[] | null = null
  #size = 0
  #end: { readonly chunk: Uint8Array | undefined } | null = null

  constructor(sink: Sink) {
    this.#sink = sink
  }

  attach(flow: Flow): void {
    this.#sink.attach(flow)
  }

  head(status: number, headers: readonly string[]): void {
    const isJson = isJsonType(headerValue(headers, 'content-type'))
    if (status < 300 && isJson) this.#chunks = []
    this.#sink.head(status, headers)
  }

  data(chunk: Uint8Array): boolean {
    this.#copy(chunk)
    return this.#sink.data(chunk)
  }

  end(chunk?: Uint8Array): void {
    if (chunk !== undefined) this.#copy(chunk)
    this.#end = { chunk }
  }

  fail(error: KeyPoolError): void {
    this.#sink.fail(error)
  }

  /** The value of a complete, successful JSON answer; undefined for any other. */
  value(): unknown {
    if (this.#end === null || this.#chunks === null) return undefined
    return parseJson(Buffer.concat(this.#chunks).toString())
  }

  /** Passes the end on to the client, if it has come. */
  release(): void {
    if (this.#end !== null) this.#sink.end(this.#end.chunk)
  }

  #copy(chunk: Uint8Array): void {
    if (this.#chunks === null) return
    this.#size += chunk.length
    if (this.#size > copyLimit) this.#chunks = null
    else this.#chunks.push(chunk)
  }
}
