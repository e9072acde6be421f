const [lf, space, colon] = [0x0a, 0x20, 0x3a]

/** The longest event that is kept, in characters; of a longer one only its ends are seen. */
export const longestEvent: number = 256 * 1024

/** How much is kept of each end of a longer event, in characters. */
const edgeLength = 4 * 1024

export interface ScannedEvents {
  /** Takes the name and the data of an event that has data. */
  onEvent(name: string | undefined, data: string): void
  /** Takes the beginning and the end of the data of an event that is too long to keep. */
  onLongEvent(name: string | undefined, start: string, end: string): void
}

/** The kinds of lines that matter; comments, ids, retry times and lines that are no fields are skipped unread. */
type Field = 'data' | 'event' | 'none'

/**
 * Reads server-sent events out of text, however it is cut, for lines that end with LF, CRLF or CR. What an upstream
 * sends may be hostile: the work is linear in the text, whatever its lines are, and no more than `longest` characters
 * are kept, however long an event or a line is.
 */
export class EventScanner {
  readonly #events: ScannedEvents
  readonly #longest: number
  /** The beginning of a line whose end has not come. */
  #line = ''
  /** Whether the rest of the line is skipped. */
  #skipsLine = false
  /** Whether the last line ended with CR, to which an LF may still belong. */
  #isBehindCr = false
  #name: string | undefined
  #data = ''
  #dataLines = 0
  /** The end, so far, of data that is too long to keep; null while all of it is kept. */
  #end: string | null = null

  constructor(events: ScannedEvents, longest: number = longestEvent) {
    this.#events = events
    this.#longest = longest
  }

  /** Whether the text so far ends between two events. */
  get isBetweenEvents(): boolean {
    return this.#line === '' && !this.#skipsLine && this.#dataLines === 0 && this.#name === undefined
  }

  push(text: string): void {
    let at = this.#isBehindCr && text.charCodeAt(0) === lf ? 1 : 0
    if (text !== '') this.#isBehindCr = false
    // A kind of line end that does not follow is searched for once only.
    let nextLf = text.indexOf('\n', at)
    let nextCr = text.indexOf('\r', at)
    while (nextLf !== -1 || nextCr !== -1) {
      const isLf = nextCr === -1 || (nextLf !== -1 && nextLf < nextCr)
      const end = isLf ? nextLf : nextCr
      this.#endLine(text, at, end)
      at = end + 1
      if (!isLf && at === text.length) this.#isBehindCr = true
      if (!isLf && text.charCodeAt(at) === lf) at++
      if (nextLf !== -1 && nextLf < at) nextLf = text.indexOf('\n', at)
      if (nextCr !== -1 && nextCr < at) nextCr = text.indexOf('\r', at)
    }
    if (at < text.length) this.#hold(text, at)
  }

  #endLine(text: string, start: number, end: number): void {
    if (this.#skipsLine) {
      this.#skipsLine = false
      this.#keepEnd(text, start, end)
      return
    }
    if (this.#line === '') return this.#take(text, start, end)
    const line = this.#line + text.slice(start, end)
    this.#line = ''
    this.#take(line, 0, line.length)
  }

  #take(text: string, start: number, end: number): void {
    if (start === end) return this.#dispatch()
    const field = fieldAt(text, start, end)
    if (field === 'none') return
    const value = valueAt(text, start + field.length, end)
    if (field === 'data') this.#addData(text, value, end)
    // A name that long is none that anybody knows.
    else this.#name = end - value > edgeLength ? undefined : text.slice(value, end) || undefined
  }

  #addData(text: string, start: number, end: number): void {
    this.#dataLines++
    if (this.#end === null && this.#data.length + (end - start) >= this.#longest) {
      if (this.#dataLines === 1) this.#data = text.slice(start, Math.min(end, start + edgeLength))
      this.#cut()
    }
    if (this.#end !== null) return this.#keepEnd(text, start, end)
    const value = text.slice(start, end)
    this.#data = this.#dataLines === 1 ? value : `${this.#data}\n${copyOf(value)}`
  }

  /** Holds the beginning of a line, unless it is known already that the line is skipped, or too long to keep. */
  #hold(text: string, start: number): void {
    if (this.#skipsLine) return this.#keepEnd(text, start, text.length)
    this.#line += start === 0 ? text : copyOf(text.slice(start))
    if (this.#data.length + this.#line.length < this.#longest) return
    const line = this.#line
    this.#line = ''
    this.#skipsLine = true
    if (fieldAt(line, 0, line.length) !== 'data') return
    this.#dataLines++
    if (this.#dataLines === 1) this.#data = line.slice(valueAt(line, 4, line.length))
    this.#cut()
    this.#keepEnd(line, 0, line.length)
  }

  /** Keeps only the beginning of the data. */
  #cut(): void {
    this.#data = copyOf(this.#data.slice(0, edgeLength))
    this.#end ??= ''
  }

  #keepEnd(text: string, start: number, end: number): void {
    if (this.#end === null) return
    const piece = text.slice(Math.max(start, end - edgeLength), end)
    this.#end += piece.length < longestOwn ? piece : copyOf(piece)
    if (this.#end.length > 4 * edgeLength) this.#end = copyOf(this.#end.slice(-edgeLength))
  }

  #dispatch(): void {
    const [name, data, end, lines] = [this.#name, this.#data, this.#end, this.#dataLines]
    this.#name = undefined
    this.#data = ''
    this.#dataLines = 0
    this.#end = null
    if (end !== null) this.#events.onLongEvent(name, data, end.slice(-edgeLength))
    else if (lines > 0) this.#events.onEvent(name, data)
  }
}

/** V8 copies a shorter piece of a text by itself. */
const longestOwn = 13

/** A copy that lets go of the text it was cut out of, which may be far longer. */
const copyOf = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le')

/** The field of a line, by its first characters. */
function fieldAt(text: string, start: number, end: number): Field {
  const first = text.charCodeAt(start)
  if (first === 0x64) return isField('data', text, start, end) ? 'data' : 'none'
  return first === 0x65 && isField('event', text, start, end) ? 'event' : 'none'
}

function isField(name: string, text: string, start: number, end: number): boolean {
  const behind = start + name.length
  return (
    text.startsWith(name, start) && (behind === end || (behind < end && text.charCodeAt(behind) === colon))
  )
}

/** Where the value begins that follows the name of a field: behind the colon and one space. */
function valueAt(text: string, nameEnd: number, end: number): number {
  if (nameEnd >= end) return end
  return nameEnd + 1 < end && text.charCodeAt(nameEnd + 1) === space ? nameEnd + 2 : nameEnd + 1
}
