import { withErrorObject } from '../../provider/error-object.js'
import { decodeText } from '../../wire/decode-text.js'
import { headerValue } from '../../wire/headers.js'
import { HeldBytes } from '../../wire/held-bytes.js'
import type { AnswerHead } from './answer-head.js'
import { jsonHeaders } from './body-headers.js'
import type { Ending } from './ending.js'
import { nothing, type Reader } from './reader.js'

/** The most bytes of an error that are held: an error is classified, and mostly dropped, before the client sees it. */
const errorHoldLimit = 1024 * 1024
/** Of a longer error this much is read. */
const looked = 64 * 1024

/** Reads an answer with the status of an error. */
export class ErrorReader implements Reader {
  readonly hasEvents = false
  readonly isAwaitingOutput = false
  readonly isWhole = false
  /** Every byte counts. */
  readonly isLooking = false
  failure: Ending | null = null
  readonly headers: readonly string[]
  readonly #head: AnswerHead
  readonly #held = new HeldBytes()

  constructor(head: AnswerHead) {
    this.#head = head
    this.headers = head.headers
  }

  push(chunk: Buffer): null {
    if (this.failure !== null) return null
    this.#held.add(chunk)
    if (this.#held.size > errorHoldLimit) this.failure = this.#shortened(this.#held.take())
    return null
  }

  endEarly(): Ending {
    return this.failure ?? this.#shortened(this.#held.take())
  }

  end(): Ending {
    if (this.failure !== null) return this.failure
    const { status, headers } = this.#head
    const body = this.#held.take()
    const text = decodeText(body, headerValue(headers, 'content-type'))
    const outcome = this.#head.classify(text.slice(0, looked))
    return { outcome, lastBytes: nothing, reply: { status, headers, body } }
  }

  /** No error is as long as this, or there is no room for more of it: the client gets what its beginning says. */
  #shortened(held: Buffer): Ending {
    const { status, headers } = this.#head
    const text = decodeText(held.subarray(0, looked), headerValue(headers, 'content-type'))
    const body = Buffer.from(withErrorObject(text, status) ?? text)
    return {
      outcome: this.#head.classify(text),
      lastBytes: null,
      reply: { status, headers: jsonHeaders(headers, body.length), body },
    }
  }

  lookAgain(): void {}

  usage(): null {
    return null
  }
}
