import type { Route } from '../../provider/provider.js'
import { generates, isEmptyReply, isSurelyFilled } from '../../sse/emptiness.js'
import { isErrorEvent, isErrorOnly } from '../../sse/error-event.js'
import { isAnswer } from '../../sse/is-answer.js'
import type { Usage } from '../../usage/usage.js'
import { usageInJsonTail } from '../../usage/usage-in-json-tail.js'
import { usageOf } from '../../usage/usage-of.js'
import { decodeText } from '../../wire/decode-text.js'
import { headerValue } from '../../wire/headers.js'
import { HeldBytes } from '../../wire/held-bytes.js'
import { parseJson } from '../../wire/json.js'
import { skipSpace } from '../../wire/json-members.js'
import type { AnswerHead } from './answer-head.js'
import { type Ending, emptyAnswer, halfAnswer, wholeAnswer } from './ending.js'
import { looksLikeEvents, mayBeReply, noAnswer } from './no-answer.js'
import { holdLimit, nothing, type Reader } from './reader.js'
import { replyToHiddenError } from './reply.js'

/** The bytes at the end of a large answer that are searched for its usage. */
const tailLength = 4 * 1024

/** Reads a JSON answer: holds it until it is whole, or passes it on as it comes once it is too large to hold. */
export class JsonReader implements Reader {
  readonly hasEvents = false
  readonly isAwaitingOutput = false
  readonly isWhole = false
  failure: Ending | null = null
  isLooking = false
  readonly headers: readonly string[]
  readonly #head: AnswerHead
  readonly #generates: boolean
  readonly #limit: number
  readonly #held = new HeldBytes()
  /** The end, so far, of an answer that is passed on; null while the answer is held. */
  #tail: Buffer | null = null
  #usage: Usage | null = null

  constructor(head: AnswerHead, route: Route, limit: number = holdLimit) {
    this.#head = head
    this.headers = head.headers
    this.#generates = generates(route)
    this.#limit = limit
  }

  push(chunk: Buffer): Buffer | null {
    // Some upstreams send white space while a request waits.
    if (this.isLooking && skipSpace(chunk, 0) < chunk.length) this.isLooking = false
    if (this.#tail !== null) {
      this.#tail = tailOf(Buffer.concat([tailOf(this.#tail), chunk]))
      return chunk
    }
    this.#held.add(chunk)
    if (this.#held.size <= this.#limit || this.failure !== null) return null
    const held = this.#held.take()
    if (this.#generates && !mayBeReply(held)) {
      this.failure = noAnswer(this.#head, this.#decoded(held))
      return null
    }
    this.#tail = tailOf(held)
    return held
  }

  end(): Ending {
    if (this.failure !== null) return this.failure
    return this.#tail === null ? this.#endHeld(this.#held.take()) : this.#endPassed(this.#tail.toString())
  }

  lookAgain(): void {
    this.isLooking = true
  }

  usage(): Usage | null {
    return this.#usage ?? (this.#tail === null ? null : usageInJsonTail(this.#tail.toString()))
  }

  #endHeld(body: Buffer): Ending {
    const text = body.toString()
    const { status } = this.#head
    if (this.#generates && status >= 300) return noAnswer(this.#head, text)
    if (isCut(text) && isCut(this.#decoded(body))) return halfAnswer
    // Most answers are not empty and end with their usage, and so need not be parsed.
    this.#usage = usageInJsonTail(text)
    if (this.#usage !== null && (!this.#generates || isSurelyFilled(text)))
      return wholeAnswer(this.#head, body)
    // A blank body is not JSON: the generated answer has been lost.
    if (this.#generates && status === 200 && text.trim() === '') return halfAnswer
    const decoded = this.#decoded(body)
    const parsed = parseJson(decoded)
    this.#usage = usageOf(parsed)
    const failure = this.#failure(parsed, decoded)
    if (failure !== null) return failure
    // What was accepted for later may be anything.
    if (this.#generates && status !== 202 && !isAnswer(parsed) && !looksLikeEvents(decoded))
      return noAnswer(this.#head, decoded)
    return this.#emptiness(parsed, body) ?? wholeAnswer(this.#head, body)
  }

  /** The ending for an error under a status of success; null for no error. */
  #failure(parsed: unknown, text: string): Ending | null {
    const isFailure = this.#generates ? isErrorEvent(parsed) : isErrorOnly(parsed)
    if (!isFailure && !mayBeError(parsed)) return null
    const outcome = isFailure ? this.#head.classifyFailure(text) : this.#head.classify(text)
    if (outcome.kind === 'success') return null
    return { outcome, lastBytes: null, reply: replyToHiddenError(outcome, text, this.#head.headers) }
  }

  #decoded(body: Buffer): string {
    return decodeText(body, headerValue(this.#head.headers, 'content-type'))
  }

  #emptiness(parsed: unknown, body: Buffer): Ending | null {
    const { status, headers } = this.#head
    if (!this.#generates || status !== 200) return null
    return isEmptyReply(parsed) ? emptyAnswer({ status, headers, body }) : null
  }

  #endPassed(tail: string): Ending {
    return /[}\]"]\s*$/.test(tail) ? wholeAnswer(this.#head, nothing) : halfAnswer
  }
}

const tailOf = (bytes: Buffer): Buffer => (bytes.length <= tailLength ? bytes : bytes.subarray(-tailLength))

/** Whether the text begins an object or a list and does not end it. Any other text is passed on as it is. */
function isCut(text: string): boolean {
  const trimmed = text.trim()
  if (trimmed[0] === '{') return !trimmed.endsWith('}')
  return trimmed[0] === '[' && !trimmed.endsWith(']')
}

/** Whether a reply may be an error: successful ones have no `error`, and no code but SiliconFlow's 20000. */
function mayBeError(parsed: unknown): boolean {
  return typeof parsed === 'object' && parsed !== null && ('error' in parsed || 'code' in parsed)
}
