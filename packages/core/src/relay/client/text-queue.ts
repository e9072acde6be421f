import { type TextEvent, textEventOf } from '../../sse/text-event.js'

/** An event that waits to be sent. */
interface WaitingEvent {
  readonly bytes: Buffer
  /** The event's text; null for an event that is sent whole. */
  readonly event: TextEvent | null
  /** The characters of its text that are not sent, as people see characters. */
  graphemes: string[]
  /** When it must be sent. */
  dueAt: number
  /** Whether some of its text has been taken. */
  isBegun: boolean
  /** Whether its text differs from the one that came. */
  isChanged: boolean
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Splits text into characters as people see them. Half a code point at the end stays with the character before it. */
function graphemesOf(text: string): string[] {
  const all = Array.from(segmenter.segment(text), ({ segment }) => segment)
  const last = all.at(-1)
  if (all.length > 1 && last !== undefined && /^[\ud800-\udbff]$/.test(last))
    all.splice(-2, 2, `${all.at(-2)}${last}`)
  return all
}

/** The most events that one call of `take` makes by character; with more characters, several share an event. */
const mostEvents = 50

/**
 * Holds events in their order; the text of an event is taken piece by piece. A character whose parts come in two events
 * moves whole into the second event, so the last character waits until another event follows or it is due.
 */
export class TextQueue {
  #waiting: WaitingEvent[] = []
  #size = 0
  /** Whether the stream is over, so that no event follows. */
  isClosed = false

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** The bytes of the waiting events. */
  get size(): number {
    return this.#size
  }

  /** The number of waiting characters. */
  get count(): number {
    return this.#waiting.reduce((sum, { graphemes }) => sum + graphemes.length, 0)
  }

  /** When the first event must be sent; Infinity when none waits. */
  get dueAt(): number {
    return this.#waiting[0]?.dueAt ?? Number.POSITIVE_INFINITY
  }

  /** Adds one event, and returns whether it brings text. */
  add(bytes: Buffer, dueAt: number): boolean {
    const event = textEventOf(bytes)
    const graphemes = event === null ? [] : graphemesOf(event.text)
    const added = { bytes, event, graphemes, dueAt, isBegun: false, isChanged: false }
    const last = this.#waiting.at(-1)
    if (last !== undefined && event !== null && last.event?.track === event.track) join(last, added)
    this.#waiting.push(added)
    this.#size += bytes.length
    return event !== null
  }

  /** The number of characters of the first event that may be taken now. */
  available(now: number): number {
    const [first] = this.#waiting
    if (first === undefined) return 0
    const isLast = this.#waiting.length === 1 && !this.isClosed && first.dueAt > now
    return Math.max(first.graphemes.length - (isLast ? 1 : 0), 0)
  }

  /** Takes the events that are not paced, up to the next one with text. */
  takeWhole(): Buffer[] {
    const taken: Buffer[] = []
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (first.graphemes.length > 0) break
      // An event whose text moved whole into the next one is sent with an empty text.
      if (!first.isBegun) taken.push(first.event === null ? first.bytes : first.event.with(''))
      this.#drop(first)
    }
    return taken
  }

  /** Takes this many characters of the first event, in one event or in one for each character. */
  take(count: number, by: 'character' | 'batch'): Buffer[] {
    const [first] = this.#waiting
    if (first === undefined || first.event === null) return []
    const { event, bytes } = first
    const taken = first.graphemes.splice(0, count)
    const isLast = first.graphemes.length === 0
    const isUntouched = isLast && !first.isBegun && !first.isChanged
    const length = by === 'batch' ? taken.length : Math.ceil(taken.length / mostEvents)
    first.isBegun = true
    if (isLast) this.#drop(first)
    if (isUntouched && taken.length <= length) return [bytes]
    const events: Buffer[] = []
    for (let at = 0; at < taken.length; at += length)
      events.push(event.with(taken.slice(at, at + length).join('')))
    return events
  }

  /** Takes all events, in no more events than came in. */
  takeAll(): Buffer[] {
    const all = this.#waiting.flatMap(({ bytes, event, graphemes, isBegun, isChanged }) => {
      if (event === null || (!isBegun && !isChanged)) return [bytes]
      return isBegun && graphemes.length === 0 ? [] : [event.with(graphemes.join(''))]
    })
    this.#waiting = []
    this.#size = 0
    return all
  }

  #drop(first: WaitingEvent): void {
    this.#waiting.shift()
    this.#size -= first.bytes.length
  }
}

/** Moves the last character to the event behind it, when it continues there. */
function join(last: WaitingEvent, added: WaitingEvent): void {
  const tail = last.graphemes.at(-1)
  if (tail === undefined || added.event === null) return
  const joined = graphemesOf(tail + added.event.text)
  if (joined[0] === tail) return
  last.graphemes.pop()
  last.isChanged = true
  added.graphemes = joined
  added.isChanged = true
  added.dueAt = Math.min(added.dueAt, last.dueAt)
}
