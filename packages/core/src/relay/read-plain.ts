import { type AnswerHead, type Ending, nothing, type Reader, wholeAnswer } from './reader.js'

/** Audio, pictures, text of any other kind: passed on as it comes, never looked into. */
export class PlainReader implements Reader {
  readonly hasEvents = false
  readonly isWhole = false
  readonly failure = null
  readonly #head: AnswerHead

  constructor(head: AnswerHead) {
    this.#head = head
  }

  push(chunk: Buffer): Buffer {
    return chunk
  }

  end(): Ending {
    return wholeAnswer(this.#head, nothing)
  }

  usage(): null {
    return null
  }
}
