import { HeldBytes } from '../../wire/held-bytes.js'
import type { AnswerHead } from './answer-head.js'
import type { Ending } from './ending.js'
import { nothing, type Reader } from './reader.js'

/** The most bytes of an error that are held: an error is classified, and mostly dropped, before the client sees it. */
const errorHoldLimit = 1024 * 1024

/** Reads an answer with the status of an error. */
export class ErrorReader implements Reader {
  readonly hasEvents = false
  readonly isAwaitingOutput = false
  readonly isWhole = false
  /** Every byte counts. */
  readonly isLooking = false
  readonly failure = null
  readonly headers: readonly string[]
  readonly #head: AnswerHead
  readonly #held = new HeldBytes()
  #isPassing = false

  constructor(head: AnswerHead) {
    this.#head = head
    this.headers = head.headers
  }

  push(chunk: Buffer): Buffer | null {
    if (this.#isPassing) return chunk
    this.#held.add(chunk)
    this.#isPassing = this.#held.size > errorHoldLimit
    return this.#isPassing ? this.#held.take() : null
  }

  end(): Ending {
    const { status, headers } = this.#head
    const body = this.#held.take()
    return {
      outcome: this.#head.classify(body.toString()),
      lastBytes: nothing,
      reply: { status, headers, body },
    }
  }

  lookAgain(): void {}

  usage(): null {
    return null
  }
}
