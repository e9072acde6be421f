import type { Route } from '../provider/provider.js'
import { largestUsage } from '../usage/largest-usage.js'
import type { Usage } from '../usage/usage.js'
import { usageInJsonTail } from '../usage/usage-in-json-tail.js'
import { usageOf } from '../usage/usage-of.js'
import { parseJson } from '../wire/json.js'
import { explainsEmptiness } from './emptiness.js'
import { isDoneMark, isEndEvent, mayBeEndEvent } from './end-mark.js'
import { carriesError, isErrorEvent, isFailedResponse, mayBeErrorEvent } from './error-event.js'
import { EventScanner, longestEvent } from './event-scanner.js'
import { FinishWatch, isNotable } from './finish-watch.js'
import { isOutput } from './first-output.js'

/**
 * Observes a copy of a stream: whether it has brought output, whether it ended as it should, whether it carried an
 * error, and what usage it reported. It never changes the bytes. Behind the first output an event costs a few string
 * searches; only the first and the last usage are parsed. What it keeps is bounded, and it never throws: a stream that
 * it cannot follow is no longer observed.
 */
export class StreamTap {
  readonly #terminator: Route['terminator']
  readonly #onEvent: ((event: unknown) => void) | undefined
  readonly #longest: number
  /** Created when it is needed, which for most streams is never. */
  #scanner: EventScanner | null = null
  #finish: FinishWatch | null = null
  #hasBegun = false
  #isBlind = false
  #hasLongEvent = false
  #hasOutput = false
  /** Whether output is looked for once more, behind the first. */
  #isLooking = false
  #isExplained = false
  #isTerminated = false
  #error: string | null = null
  #firstUsage: string | null = null
  #lastUsage: string | null = null
  /** The usage of an event that is too long to keep. */
  #longUsage: Usage | null = null

  /**
   * Without `onEvent` few events are parsed; it receives every event but the end mark, parsed. Of an event with more
   * than `longest` characters only the ends are seen, and `onEvent` does not receive it.
   */
  constructor(route: Route, onEvent?: (event: unknown) => void, longest: number = longestEvent) {
    this.#terminator = route.terminator
    this.#onEvent = onEvent
    this.#longest = longest
  }

  /** Whether real output has been seen. */
  get hasOutput(): boolean {
    return this.#hasOutput
  }

  /** Whether output that `lookAgain` asked for is still missing. */
  get isLooking(): boolean {
    return this.#isLooking
  }

  /** Whether a stream without output has given a reason for that. */
  get isExplained(): boolean {
    return this.#isExplained
  }

  /** Whether the stream's own end mark has been seen. */
  get isTerminated(): boolean {
    return this.#isTerminated
  }

  /**
   * Whether a clean end of the connection would be the end of the stream: its end mark has been seen, or every choice
   * has given the reason for its end. True also for a kind of stream that has no end mark, and for one that could not
   * be followed.
   */
  get isComplete(): boolean {
    return (
      this.#isTerminated ||
      this.#terminator === 'none' ||
      this.#isBlind ||
      (this.#terminator === 'done' && this.#finish?.isFinished === true)
    )
  }

  /** Whether not every event could be read as a whole, because one was too long or the tap failed. */
  get hasGap(): boolean {
    return this.#isBlind || this.#hasLongEvent
  }

  /** The data of the first event that reports a failure; null for none. */
  get error(): string | null {
    return this.#error
  }

  push(text: string): void {
    if (text === '' || this.#isBlind) return
    try {
      this.#read(text)
    } catch {
      // The bytes go on; only what they mean is no longer known.
      this.#isBlind = true
      this.#hasOutput = true
      this.#isLooking = false
    }
  }

  /**
   * Ends the stream; `rest` is the text behind its last whole event. Some servers forget the blank line after
   * their last event, so a text that ends like an event counts as one; half a JSON line does not.
   */
  end(rest: string): void {
    this.push(endsLikeEvent(rest) ? `${rest}\n\n` : '\n\n')
  }

  /** Looks for output once more: `isLooking` is true until it comes. */
  lookAgain(): void {
    this.#isLooking = !this.#isBlind
  }

  /** The usage reported so far. The figures are cumulative, so they also hold for a stream that broke off. */
  usage(): Usage | null {
    const kept = largestUsage(parsedUsage(this.#firstUsage), parsedUsage(this.#lastUsage))
    return this.#longUsage === null ? kept : largestUsage(kept, this.#longUsage)
  }

  #read(text: string): void {
    if (this.#scanner?.isBetweenEvents !== false && isOneDataLine(text)) {
      this.#hasBegun = true
      return this.#observe(undefined, text.slice(dataField.length, -2))
    }
    const isMarked = !this.#hasBegun && text.startsWith('\uFEFF')
    this.#hasBegun = true
    this.#scanner ??= this.#newScanner()
    this.#scanner.push(isMarked ? text.slice(1) : text)
  }

  #newScanner(): EventScanner {
    const events = {
      onEvent: (name: string | undefined, data: string) => this.#observe(name, data),
      onLongEvent: (name: string | undefined, start: string, end: string) =>
        this.#observeLong(name, start, end),
    }
    return new EventScanner(events, this.#longest)
  }

  #observe(name: string | undefined, data: string): void {
    if (isDoneMark(data)) {
      this.#isTerminated = true
      return
    }
    const looksForOutput = this.#isLooking || (!this.#hasOutput && this.#error === null)
    const terminator = this.#terminator
    const isParsed =
      looksForOutput ||
      this.#onEvent !== undefined ||
      mayBeErrorEvent(data) ||
      (terminator === 'done' ? isNotable(data) : mayBeEndEvent(data, terminator))
    const event = isParsed ? parseJson(data) : undefined
    if (isEndEvent(name, event, terminator)) this.#isTerminated = true
    if (name === 'error' || isFailure(event)) this.#error ??= data
    if (terminator === 'done' && isParsed) this.#finish = observed(this.#finish, event)
    if (data.includes('"usage"') && !data.includes('"usage":null')) {
      this.#firstUsage ??= data
      this.#lastUsage = data
    }
    this.#onEvent?.(event)
    if (looksForOutput && this.#error === null) this.#lookForOutput(event, data)
  }

  #observeLong(name: string | undefined, start: string, end: string): void {
    const terminator = this.#terminator
    this.#hasLongEvent = true
    this.#hasOutput = true
    this.#isLooking = false
    if (isDoneMark(start)) this.#isTerminated = true
    // The type stands at the beginning or, where names are sorted, at the end.
    const isEnd = mayBeEndEvent(start, terminator) || mayBeEndEvent(end, terminator)
    if (isEnd || isEndEvent(name, undefined, terminator)) this.#isTerminated = true
    if (name === 'error') this.#error ??= start
    this.#longUsage = largestUsage(this.#longUsage, usageInJsonTail(end))
  }

  #lookForOutput(event: unknown, data: string): void {
    const hasOutput = data.trim() !== '' && isOutput(event)
    if (hasOutput) this.#isLooking = false
    if (this.#hasOutput) return
    this.#hasOutput = hasOutput
    this.#isExplained ||= explainsEmptiness(event)
  }
}

const isFailure = (event: unknown): boolean =>
  isErrorEvent(event) || carriesError(event) || isFailedResponse(event)

function observed(finish: FinishWatch | null, event: unknown): FinishWatch {
  const watch = finish ?? new FinishWatch()
  watch.observe(event)
  return watch
}

const dataField = 'data: '

/** Whether a text is one event of one data line, as nearly every piece of a stream is; the scanner reads the others. */
function isOneDataLine(text: string): boolean {
  return (
    text.startsWith(dataField) &&
    text.indexOf('\n') === text.length - 2 &&
    text.endsWith('\n') &&
    !text.includes('\r')
  )
}

/** Whether a text ends like an event: with an end mark, or with the end of an object. */
function endsLikeEvent(text: string): boolean {
  const trimmed = text.trimEnd()
  if (trimmed.endsWith('}')) return true
  const lastLine = trimmed.slice(Math.max(trimmed.lastIndexOf('\n'), trimmed.lastIndexOf('\r')) + 1)
  return lastLine.startsWith('data:') && isDoneMark(lastLine.slice('data:'.length))
}

function parsedUsage(data: string | null): Usage | null {
  return data === null ? null : usageOf(parseJson(data))
}
