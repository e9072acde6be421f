import type { KeyPoolError } from '../errors.js'
import type { Reply } from '../relay/answer/reply.js'
import type { Flow, Sink } from '../relay/client/sink.js'

/** A larger answer is aborted: it is neither a readable list nor an error message. */
const answerLimit = 8 * 1024 * 1024

/**
 * A client's request as it is made of one of several accounts. Its answer is kept, unless `redirect` names another sink
 * for it when its head has come: then the answer goes there as it comes.
 */
export class FanOutPart implements Sink, Flow {
  readonly #redirect: (status: number, headers: readonly string[]) => Sink | null
  #flow: Flow | null = null
  #target: Sink | null = null
  #status = 0
  #headers: readonly string[] = []
  #chunks: Uint8Array[] = []
  #size = 0
  #isAborted = false
  /** The answer, once it is complete and was not redirected. */
  reply: Reply | null = null

  constructor(redirect: (status: number, headers: readonly string[]) => Sink | null = () => null) {
    this.#redirect = redirect
  }

  resume(): void {
    this.#flow?.resume()
  }

  /** Aborts the request; its answer is not needed any more. */
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
    this.#target = this.#redirect(status, headers)
  }

  data(chunk: Uint8Array): boolean {
    if (this.#target !== null) return this.#target.data(chunk)
    this.#keep(chunk)
    return true
  }

  end(chunk?: Uint8Array): void {
    if (this.#target !== null) return this.#target.end(chunk)
    if (chunk !== undefined) this.#keep(chunk)
    if (this.#isAborted) return
    this.reply = { status: this.#status, headers: this.#headers, body: Buffer.concat(this.#chunks) }
  }

  fail(error: KeyPoolError): void {
    this.#target?.fail(error)
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
