/** Every line break that Unicode has: CR LF, CR, LF, VT, FF, NEL, LS and PS. */
const lineBreak = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/

/** No line of a key file is longer. What follows is passed over, so that no text can fill the memory. */
const longestLine = 16 * 1024 * 1024

/** Takes a line. `isCut`: it was longer than a line may be, and its end is missing. */
export type TakeLine = (text: string, isCut: boolean) => void

/** Cuts a text that arrives in pieces into lines, and holds no more than the current line. */
export class LineCutter {
  readonly #take: TakeLine
  #pieces: string[] = []
  #length = 0
  #isCut = false
  /** The last piece ended with a carriage return, to which a line feed may still belong. */
  #endsWithReturn = false

  constructor(take: TakeLine) {
    this.#take = take
  }

  push(piece: string): void {
    let text = this.#endsWithReturn ? `\r${piece}` : piece
    this.#endsWithReturn = text.endsWith('\r')
    if (this.#endsWithReturn) text = text.slice(0, -1)
    const lines = lineBreak.test(text) ? text.split(lineBreak) : [text]
    const last = lines.length - 1
    for (let at = 0; at < last; at++) this.#end(lines[at] ?? '')
    this.#hold(lines[last] ?? '')
  }

  finish(): void {
    this.#end('')
    if (this.#endsWithReturn) this.#end('')
  }

  #hold(text: string): void {
    if (text === '') return
    const held = text.slice(0, longestLine - this.#length)
    this.#isCut ||= held.length < text.length
    this.#length += held.length
    if (held !== '') this.#pieces.push(held)
  }

  /** Ends a line whose last part is `text`. */
  #end(text: string): void {
    if (this.#length === 0 && text.length <= longestLine) return this.#take(text, false)
    this.#hold(text)
    const line = this.#pieces.join('')
    const isCut = this.#isCut
    this.#pieces = []
    this.#length = 0
    this.#isCut = false
    this.#take(line, isCut)
  }
}
