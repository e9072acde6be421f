import type { KeyPoolError } from '../errors.js'
import type { Reply } from '../relay/answer/reply.js'
import type { Flow, Sink } from '../relay/client/sink.js'

/** A larger answer is left: it is no list that anybody could read, and no error message. */
const answerLimit = 8 * 1024 * 1024

/**
 * The same request put to one of several accounts. Its answer is kept, unless somebody takes it over when its head
 * has come: then it goes there as it comes.
 */
export class FanOutPart implements Sink, Flow {
  readonly #takeOver: (status: number, headers: readonly string[]) => Sink | null
  #flow: Flow | null = null
  #taker: Sink | null = null
  #status = 0
  #headers: readonly string[] = []
  #chunks: Uint8Array[] = []
  #size = 0
  #isAborted = false
  /** The answer, once it is whole and was not taken over. */
  reply: Reply | null = null

  constructor(takeOver: (status: number, headers: readonly string[]) => Sink | null = () => null) {
    this.#takeOver = takeOver
  }

  resume(): void {
    this.#flow?.resume()
  }

  /** Nobody wants the answer any more. */
  abort(): void {
    this.#isAborted = true
    this.#flow?.abort()
  }

  attach(flow: Flow): void {
    this.#flow = flow
    if (this.#isAborted) flow.abort()
  }

  head(status: number, headers: readonly string[]): void {
    this.#status = status
    this.#headers = headers
    this.#taker = this.#takeOver(status, headers)
  }

  data(chunk: Uint8Array): boolean {
    if (this.#taker !== null) return this.#taker.data(chunk)
    this.#keep(chunk)
    return true
  }

  end(chunk?: Uint8Array): void {
    if (this.#taker !== null) return this.#taker.end(chunk)
    if (chunk !== undefined) this.#keep(chunk)
    if (this.#isAborted) return
    this.reply = { status: this.#status, headers: this.#headers, body: Buffer.concat(this.#chunks) }
  }

  fail(error: KeyPoolError): void {
    this.#taker?.fail(error)
  }

  #keep(chunk: Uint8Array): void {
    this.#size += chunk.length
    if (this.#size <= answerLimit) this.#chunks.push(chunk)
    else {
      this.#chunks = []
      this.abort()
    }
  }
}
