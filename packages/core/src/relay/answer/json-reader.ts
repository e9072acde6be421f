import type { Route } from '../../provider/provider.js'
import { generates, isEmptyReply, isSurelyFilled } from '../../sse/emptiness.js'
import { isErrorEvent, isErrorOnly } from '../../sse/error-event.js'
import type { Usage } from '../../usage/usage.js'
import { usageInTail } from '../../usage/usage-in-tail.js'
import { usageOf } from '../../usage/usage-of.js'
import { HeldBytes } from '../../wire/held-bytes.js'
import { parseJson } from '../../wire/json.js'
import type { AnswerHead } from './answer-head.js'
import { type Ending, emptyAnswer, halfAnswer, wholeAnswer } from './ending.js'
import { holdLimit, nothing, type Reader } from './reader.js'
import { replyToHiddenError } from './reply.js'

/** Where the usage of a large answer stands. */
const tailLength = 4 * 1024

/** A JSON answer: held until it is whole, or passed on as it comes once it is too large for that. */
export class JsonReader implements Reader {
  readonly hasEvents = false
  readonly isAwaitingOutput = false
  readonly isWhole = false
  readonly failure = null
  readonly headers: readonly string[]
  readonly #head: AnswerHead
  readonly #generates: boolean
  readonly #limit: number
  readonly #held = new HeldBytes()
  /** The last bytes of an answer that is passed on. */
  #tail: Buffer | null = null
  #usage: Usage | null = null

  constructor(head: AnswerHead, route: Route, limit: number = holdLimit) {
    this.#head = head
    this.headers = head.headers
    this.#generates = generates(route)
    this.#limit = limit
  }

  push(chunk: Buffer): Buffer | null {
    if (this.#tail !== null) {
      this.#tail = lastBytes(Buffer.concat([lastBytes(this.#tail), chunk]))
      return chunk
    }
    this.#held.add(chunk)
    if (this.#held.size <= this.#limit) return null
    const held = this.#held.take()
    this.#tail = lastBytes(held)
    return held
  }

  end(): Ending {
    return this.#tail === null ? this.#endHeld(this.#held.take()) : this.#endPassed(this.#tail.toString())
  }

  usage(): Usage | null {
    return this.#usage ?? (this.#tail === null ? null : usageInTail(this.#tail.toString()))
  }

  #endHeld(body: Buffer): Ending {
    const text = body.toString()
    if (isCut(text)) return halfAnswer
    // Most answers say something and end with their usage, which then need not be found by parsing all of them.
    this.#usage = usageInTail(text)
    if (this.#usage !== null && (!this.#generates || isSurelyFilled(text)))
      return wholeAnswer(this.#head, body)
    const parsed = parseJson(text)
    this.#usage = usageOf(parsed)
    // No JSON text is blank: what should have been generated has been lost.
    if (this.#generates && this.#head.status === 200 && text.trim() === '') return halfAnswer
    return this.#failure(parsed, text) ?? this.#emptiness(parsed, body) ?? wholeAnswer(this.#head, body)
  }

  /** An error under a status of success. */
  #failure(parsed: unknown, text: string): Ending | null {
    const isFailure = this.#generates ? isErrorEvent(parsed) : isErrorOnly(parsed)
    if (!isFailure && !mayBeError(parsed)) return null
    const outcome = isFailure ? this.#head.classifyFailure(text) : this.#head.classify(text)
    if (outcome.kind === 'success') return null
    return { outcome, rest: null, reply: replyToHiddenError(outcome, text, this.#head.headers) }
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

const lastBytes = (bytes: Buffer): Buffer =>
  bytes.length <= tailLength ? bytes : bytes.subarray(-tailLength)

/** Whether the text begins an object or a list and does not end it. Anything else is for the client to judge. */
function isCut(text: string): boolean {
  const trimmed = text.trim()
  if (trimmed[0] === '{') return !trimmed.endsWith('}')
  return trimmed[0] === '[' && !trimmed.endsWith(']')
}

/** Successful answers bear no `error` and no code but SiliconFlow's 20000. */
function mayBeError(parsed: unknown): boolean {
  return typeof parsed === 'object' && parsed !== null && ('error' in parsed || 'code' in parsed)
}
