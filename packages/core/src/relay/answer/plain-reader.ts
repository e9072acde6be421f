import type { Route } from '../../provider/provider.js'
import { generates } from '../../sse/emptiness.js'
import type { AnswerHead } from './answer-head.js'
import { type Ending, emptyAnswer, wholeAnswer } from './ending.js'
import { nothing, type Reader } from './reader.js'

/** Reads audio, images and text of any other type: passes the bytes on as they come, without looking into them. */
export class PlainReader implements Reader {
  readonly hasEvents = false
  readonly isAwaitingOutput = false
  readonly isWhole = false
  /** Every byte counts. */
  readonly isLooking = false
  readonly failure = null
  readonly headers: readonly string[]
  readonly #head: AnswerHead
  #mayBeEmpty: boolean

  constructor(head: AnswerHead, route: Route) {
    this.#head = head
    this.headers = head.headers
    this.#mayBeEmpty = generates(route) && head.status === 200
  }

  push(chunk: Buffer): Buffer {
    this.#mayBeEmpty = false
    return chunk
  }

  end(): Ending {
    const { status, headers } = this.#head
    return this.#mayBeEmpty
      ? emptyAnswer({ status, headers, body: nothing })
      : wholeAnswer(this.#head, nothing)
  }

  lookAgain(): void {}

  usage(): null {
    return null
  }
}
