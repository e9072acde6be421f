import type { Outcome } from '../../outcome/outcome.js'
import { generates } from '../../sse/emptiness.js'
import { errorBodyOf } from '../../sse/error-event.js'
import { EventCutter, endOfLastEvent } from '../../sse/event-cutter.js'
import { StreamTap } from '../../sse/stream-tap.js'
import { withoutUsage } from '../../sse/without-usage.js'
import type { Usage } from '../../usage/usage.js'
import { HeldBytes } from '../../wire/held-bytes.js'
import type { Call } from '../request/call.js'
import type { AnswerHead } from './answer-head.js'
import { withoutLength } from './body-headers.js'
import { type Ending, emptyAnswer, halfAnswer, wholeAnswer } from './ending.js'
import { holdLimit, type Reader } from './reader.js'
import { replyToHiddenError } from './reply.js'

/** Reads a stream of events: holds it until its first output, then passes it on event by event. */
export class StreamReader implements Reader {
  readonly hasEvents = true
  failure: Ending | null = null
  readonly headers: readonly string[]
  readonly #head: AnswerHead
  readonly #generates: boolean
  readonly #hasEndMark: boolean
  readonly #hidesUsage: boolean
  readonly #cutter = new EventCutter()
  readonly #tap: StreamTap
  readonly #held = new HeldBytes()
  #isPassing = false

  constructor(head: AnswerHead, { route, hidesUsage }: Pick<Call, 'route' | 'hidesUsage'>) {
    this.#head = head
    this.#hidesUsage = hidesUsage
    this.headers = withoutLength(head.headers)
    this.#generates = generates(route)
    this.#hasEndMark = route.terminator !== 'none'
    this.#tap = new StreamTap(route)
  }

  get isAwaitingOutput(): boolean {
    return !this.#isPassing
  }

  get isWhole(): boolean {
    return this.#hasEndMark && this.#tap.error === null && this.#tap.isTerminated
  }

  get isLooking(): boolean {
    return this.#tap.isLooking
  }

  push(chunk: Buffer): Buffer | null {
    const events = this.#cutter.push(chunk)
    if (events.length === 0) return null
    const text = events.toString()
    this.#tap.push(text)
    if (this.#tap.error !== null) return this.#fail(this.#tap.error, events)
    if (this.#hidesUsage) return this.#pass(withoutUsage(events, text))
    return this.#isPassing ? events : this.#pass(events)
  }

  #pass(events: Buffer): Buffer | null {
    if (this.#isPassing) return events.length === 0 ? null : events
    this.#held.add(events)
    this.#isPassing = this.#tap.hasOutput || this.#held.size > holdLimit
    return this.#isPassing ? this.#held.take() : null
  }

  end(): Ending {
    const unfinished = this.#cutter.flush()
    this.#tap.end(unfinished.toString())
    if (this.#tap.error !== null) this.#fail(this.#tap.error, unfinished)
    if (this.failure !== null) return this.failure
    if (!this.#tap.isComplete) return halfAnswer
    this.#held.add(unfinished)
    const body = this.#held.take()
    const { headers } = this
    return this.#isEmpty
      ? emptyAnswer({ status: this.#head.status, headers, body })
      : wholeAnswer(this.#head, body)
  }

  get #isEmpty(): boolean {
    return !this.#isPassing && this.#generates && !this.#tap.hasOutput && !this.#tap.isExplained
  }

  lookAgain(): void {
    this.#tap.lookAgain()
  }

  usage(): Usage | null {
    return this.#tap.usage()
  }

  /**
   * Ends the answer with a failure that the stream reports. Before the first output the client has seen nothing, so the
   * failure counts as the answer. Behind output, the events before the failure are passed on, and the attempt sends an
   * error event in its place; only a failed response is an end that its clients know, and goes on as it is.
   */
  #fail(data: string, events: Buffer): Buffer | null {
    const body = errorBodyOf(data)
    const outcome = this.#outcomeOf(body)
    if (this.#isPassing && this.#tap.isTerminated && body !== data) {
      this.failure = { outcome, lastBytes: this.#head.masked(events), reply: null }
      return null
    }
    const reply = this.#isPassing ? null : replyToHiddenError(outcome, body, this.#head.headers)
    this.failure = { outcome, lastBytes: null, reply }
    const end = endOfLastEvent(events.subarray(0, Math.max(events.indexOf(data), 0)))
    if (!this.#isPassing || end === 0) return null
    const before = events.subarray(0, end)
    return this.#hidesUsage ? withoutUsage(before, before.toString()) : before
  }

  #outcomeOf(data: string): Outcome {
    const outcome = this.#head.classifyFailure(data)
    return this.#tap.hasOutput ? { ...outcome, maybeRan: true } : outcome
  }
}
