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
 * Observes a copy of a stream: whether output has come, whether the stream ended as it should, whether it carried an
 * error, and what was used. It never touches the bytes. Once output has come an event costs a few string searches;
 * only the first and the last usage are parsed.
 */
export class StreamTap {
  readonly #terminator: Route['terminator']
  readonly #onEvent: ((event: unknown) => void) | undefined
  /** Made when it is needed, which for most streams is never. */
  #parser: EventSourceParser | null = null
  #hasBegun = false
  /** The parser holds the beginning of an event. */
  #isMidEvent = false
  #hasOutput = false
  #isExplained = false
  #isTerminated = false
  #error: string | null = null
  #firstUsage: string | null = null
  #lastUsage: string | null = null

  /** `onEvent` is told of every event but the end mark, parsed; each is parsed for its sake. */
  constructor(route: Route, onEvent?: (event: unknown) => void) {
    this.#terminator = route.terminator
    this.#onEvent = onEvent
  }

  /** Real output has been seen. */
  get hasOutput(): boolean {
    return this.#hasOutput
  }

  /** Without any output, the stream has said why there is none. */
  get isExplained(): boolean {
    return this.#isExplained
  }

  /** The stream's own end mark has been seen, or its kind has none. */
  get isComplete(): boolean {
    return this.#isTerminated || this.#terminator === 'none'
  }

  /** The data of an event that reports a failure; null when none did. */
  get error(): string | null {
    return this.#error
  }

  push(text: string): void {
    if (text === '') return
    if (!this.#isMidEvent && isOneDataLine(text)) {
      this.#hasBegun = true
      return this.#observe(undefined, text.slice(dataField.length, -2))
    }
    // The parser knows a byte order mark as bytes only.
    const isMarked = !this.#hasBegun && text.startsWith('\uFEFF')
    this.#hasBegun = true
    this.#parser ??= createParser({ onEvent: ({ event, data }) => this.#observe(event, data) })
    this.#parser.feed(isMarked ? text.slice(1) : text)
    // A CR at the end may be half of a CRLF, for which the parser waits; behind another one the event is over anyway.
    const isOverByCr = text.endsWith('\r\r')
    if (isOverByCr) this.#parser.feed('\n')
    this.#isMidEvent = !isOverByCr && !text.endsWith('\n\n')
  }

  /**
   * The stream is over, `rest` being what followed its last whole event. Some servers forget the blank line after
   * their last event, so a rest that ends like an event is taken for one; half a JSON line is not.
   */
  end(rest: string): void {
    this.push(/(?:\}|\[DONE\])\s*$/.test(rest) ? `${rest}\n\n` : '\n\n')
  }

  /** The usage reported so far; cumulative figures, so it also holds for a stream that broke off. */
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

/** One event of one data line, which nearly every piece of a stream is; anything else is the parser's. */
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
