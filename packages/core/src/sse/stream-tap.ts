import { createParser, type EventSourceParser } from 'eventsource-parser'
import type { Route } from '../provider/provider.js'
import { largestUsage } from '../usage/largest-usage.js'
import type { Usage } from '../usage/usage.js'
import { usageOf } from '../usage/usage-of.js'
import { parseJson } from '../wire/json.js'
import { explainsEmptiness } from './emptiness.js'
import { isErrorEvent, mayBeErrorEvent } from './error-event.js'
import { isOutput } from './first-output.js'

/**
 * Observes a copy of a stream: whether it has brought output, whether it ended as it should, whether it carried an
 * error, and what usage it reported. It never changes the bytes. Behind the first output an event costs a few string
 * searches; only the first and the last usage are parsed.
 */
export class StreamTap {
  readonly #terminator: Route['terminator']
  readonly #onEvent: ((event: unknown) => void) | undefined
  /** Created when it is needed, which for most streams is never. */
  #parser: EventSourceParser | null = null
  #hasBegun = false
  /** Whether the parser holds the beginning of an event. */
  #isMidEvent = false
  #hasOutput = false
  #isExplained = false
  #isTerminated = false
  #error: string | null = null
  #firstUsage: string | null = null
  #lastUsage: string | null = null

  /** Without `onEvent` few events are parsed; it receives every event but the end mark, parsed. */
  constructor(route: Route, onEvent?: (event: unknown) => void) {
    this.#terminator = route.terminator
    this.#onEvent = onEvent
  }

  /** Whether real output has been seen. */
  get hasOutput(): boolean {
    return this.#hasOutput
  }

  /** Whether a stream without output has given a reason for that. */
  get isExplained(): boolean {
    return this.#isExplained
  }

  /** Whether the stream's own end mark has been seen; true also for a kind of stream that has none. */
  get isComplete(): boolean {
    return this.#isTerminated || this.#terminator === 'none'
  }

  /** The data of the first event that reports a failure; null for none. */
  get error(): string | null {
    return this.#error
  }

  push(text: string): void {
    if (text === '') return
    if (!this.#isMidEvent && isOneDataLine(text)) {
      this.#hasBegun = true
      return this.#observe(undefined, text.slice(dataField.length, -2))
    }
    // The parser knows a byte order mark only as bytes.
    const isMarked = !this.#hasBegun && text.startsWith('\uFEFF')
    this.#hasBegun = true
    this.#parser ??= createParser({ onEvent: ({ event, data }) => this.#observe(event, data) })
    this.#parser.feed(isMarked ? text.slice(1) : text)
    // The parser waits for the LF behind a CR at the end; behind two CRs the event is over anyway.
    const isOverByCr = text.endsWith('\r\r')
    if (isOverByCr) this.#parser.feed('\n')
    this.#isMidEvent = !isOverByCr && !text.endsWith('\n\n')
  }

  /**
   * Ends the stream; `rest` is the text behind its last whole event. Some servers forget the blank line after
   * their last event, so a text that ends like an event counts as one; half a JSON line does not.
   */
  end(rest: string): void {
    this.push(/(?:\}|\[DONE\])\s*$/.test(rest) ? `${rest}\n\n` : '\n\n')
  }

  /** The usage reported so far. The figures are cumulative, so they also hold for a stream that broke off. */
  usage(): Usage | null {
    return largestUsage(parsedUsage(this.#firstUsage), parsedUsage(this.#lastUsage))
  }

  #observe(event: string | undefined, data: string): void {
    if (data === '[DONE]') {
      this.#isTerminated = true
      return
    }
    if (event === 'message_stop' || data.startsWith('{"type":"message_stop"')) this.#isTerminated = true
    if (event === 'error' || (mayBeErrorEvent(data) && isErrorEvent(parseJson(data)))) this.#error ??= data
    if (data.includes('"usage"') && !data.includes('"usage":null')) {
      this.#firstUsage ??= data
      this.#lastUsage = data
    }
    this.#onEvent?.(parseJson(data))
    if (!this.#hasOutput && this.#error === null) this.#lookForOutput(parseJson(data))
  }

  #lookForOutput(event: unknown): void {
    this.#hasOutput = isOutput(event)
    this.#isExplained ||= explainsEmptiness(event)
  }
}

const dataField = 'data: '

/** Whether a text is one event of one data line, as nearly every piece of a stream is; the parser reads the others. */
function isOneDataLine(text: string): boolean {
  return (
    text.startsWith(dataField) &&
    text.indexOf('\n') === text.length - 2 &&
    text.endsWith('\n') &&
    !text.includes('\r')
  )
}

function parsedUsage(data: string | null): Usage | null {
  return data === null ? null : usageOf(parseJson(data))
}
