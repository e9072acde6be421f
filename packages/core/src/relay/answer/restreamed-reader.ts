import { encodeReply } from '../../sse/encode-reply.js'
import type { Usage } from '../../usage/usage.js'
import type { Call } from '../request/call.js'
import type { AnswerHead } from './answer-head.js'
import { eventStreamHeaders } from './body-headers.js'
import type { Ending } from './ending.js'
import { JsonReader } from './json-reader.js'
import type { Reader } from './reader.js'
import { assemblyLimit, tooLong } from './too-long.js'

/** Reads one JSON reply for a client that asked for a stream, and sends it as events when it is whole. */
export class RestreamedReader implements Reader {
  readonly hasEvents = false
  readonly isAwaitingOutput = false
  readonly isWhole = false
  failure: Ending | null = null
  headers: readonly string[]
  readonly #head: AnswerHead
  readonly #call: Call
  readonly #reader: JsonReader

  constructor(head: AnswerHead, call: Call) {
    this.#head = head
    this.headers = head.headers
    this.#call = call
    this.#reader = new JsonReader(head, call.route, assemblyLimit)
  }

  get isLooking(): boolean {
    return this.#reader.isLooking
  }

  push(chunk: Buffer): null {
    if (this.#reader.push(chunk) !== null) this.failure = tooLong(this.#head)
    else this.failure = this.#reader.failure
    return null
  }

  end(): Ending {
    const ending = this.#reader.end()
    const { lastBytes, reply, isEmpty } = ending
    const body = lastBytes ?? (isEmpty === true ? (reply?.body ?? null) : null)
    const stream =
      body === null ? null : encodeReply(body.toString(), this.#call.route, this.#call.wantsUsage)
    // The client gets an error as it is, and a reply that cannot be made into a stream.
    if (stream === null) return ending
    this.headers = eventStreamHeaders(this.#head.headers)
    if (reply === null) return { ...ending, lastBytes: stream }
    return { ...ending, reply: { ...reply, headers: this.headers, body: stream } }
  }

  lookAgain(): void {
    this.#reader.lookAgain()
  }

  usage(): Usage | null {
    return this.#reader.usage()
  }
}
