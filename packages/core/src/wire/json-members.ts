const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d]

const letterU = 0x75
/** The bytes of an escape such as `\u006d`. */
const escapeLength = 6

/** One member of a JSON object, by its place in the bytes. */
export interface Member {
  /** The index of the name's opening quote. */
  readonly start: number
  readonly valueStart: number
  /** The index behind the last byte of the value; -1 for a value that is cut off. */
  readonly valueEnd: number
}

/** Stands for an end that has not been looked for. */
const unknown = -2

/**
 * Walks the members of the object that begins at `open`, in their order, repeated names included: `next()` moves to
 * the next member, whose fields this object then shows. Values are not parsed: a native byte search skips strings. A
 * value is skipped only when its end is read or the walk goes on, so the members before a fault are seen.
 */
export class JsonMembers implements Member {
  start = -1
  valueStart = -1
  /** The index behind the object's closing brace; -1 before it is reached, and for an object that is cut off. */
  end = -1
  readonly #body: Buffer
  /** Where the first member begins; -1 when there is none. */
  readonly #firstStart: number
  #nameEnd = -1
  #valueEnd = -1

  constructor(body: Buffer, open: number) {
    this.#body = body
    const first = body[open] === openBrace ? skipSpace(body, open + 1) : -1
    const isEmpty = first !== -1 && body[first] === closeBrace
    if (isEmpty) this.end = first + 1
    this.#firstStart = isEmpty ? -1 : first
  }

  get valueEnd(): number {
    if (this.#valueEnd === unknown) this.#valueEnd = endOfValue(this.#body, this.valueStart)
    return this.#valueEnd
  }

  /** Moves to the next member; false at the end of the object, and at a fault. */
  next(): boolean {
    const body = this.#body
    const start = this.start === -1 ? this.#firstStart : this.#startBehind(this.valueEnd)
    if (start === -1 || body[start] !== quote) return false
    const nameEnd = endOfString(body, start)
    if (nameEnd === -1) return false
    const colonAt = skipSpace(body, nameEnd + 1)
    if (body[colonAt] !== colon) return false
    this.start = start
    this.#nameEnd = nameEnd
    this.valueStart = skipSpace(body, colonAt + 1)
    this.#valueEnd = unknown
    return true
  }

  /** Whether the member has this name, of ASCII letters; found without decoding, byte by byte. */
  isNamed(name: string): boolean {
    const body = this.#body
    let at = this.start + 1
    for (let index = 0; index < name.length; index++) {
      const isEscape = body[at] === backslash
      if ((isEscape ? codeOfEscape(body, at) : body[at]) !== name.charCodeAt(index)) return false
      at += isEscape ? escapeLength : 1
    }
    return at === this.#nameEnd
  }

  /** Where the next member begins behind a value; -1 when there is none. */
  #startBehind(valueEnd: number): number {
    if (valueEnd === -1) return -1
    const body = this.#body
    const at = skipSpace(body, valueEnd)
    if (body[at] === closeBrace) this.end = at + 1
    return body[at] === comma ? skipSpace(body, at + 1) : -1
  }
}

/** The index of the object that a body consists of, behind a byte order mark and white space; -1 for another body. */
export function startOfObject(body: Buffer): number {
  const isMarked = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf
  const at = skipSpace(body, isMarked ? 3 : 0)
  return body[at] === openBrace ? at : -1
}

/** The index of a list's first item; for any other value, the index of the value. */
export function startOfItem(body: Buffer, start: number): number {
  return body[start] === openBracket ? skipSpace(body, start + 1) : start
}

/** The string that begins at `start`; null for another kind of value, and for a string that is cut off or too long. */
export function stringAt(body: Buffer, start: number, maxLength: number): string | null {
  if (body[start] !== quote) return null
  const end = endOfString(body, start)
  return end === -1 || end - start > maxLength ? null : parseString(body, start, end)
}

/** Whether only white space follows. */
export function isEnd(body: Buffer, from: number): boolean {
  return skipSpace(body, from) === body.length
}

/** The index of the next byte that is not white space. */
export function skipSpace(body: Buffer, from: number): number {
  let at = from
  while (isSpace(body[at])) at++
  return at
}

const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/** The index of the closing quote, which an even number of backslashes precedes; -1 for a string that is cut off. */
function endOfString(body: Buffer, open: number): number {
  for (let end = body.indexOf(quote, open + 1); end !== -1; end = body.indexOf(quote, end + 1)) {
    let escapes = end
    while (body[escapes - 1] === backslash) escapes--
    if ((end - escapes) % 2 === 0) return end
  }
  return -1
}

/** The string between two quotes, its escapes undone; null when the escapes are not valid. */
function parseString(body: Buffer, open: number, end: number): string | null {
  try {
    return JSON.parse(body.toString('utf8', open, end + 1)) as string
  } catch {
    return null
  }
}

/** The code of an escape such as `\u006d`, the only kind that stands for a letter; -1 for another kind. */
function codeOfEscape(body: Buffer, at: number): number {
  if (body[at + 1] !== letterU) return -1
  let code = 0
  for (let digit = at + 2; digit < at + escapeLength; digit++) {
    const value = hexValue(body[digit] ?? 0)
    if (value === -1) return -1
    code = code * 16 + value
  }
  return code
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

function endOfValue(body: Buffer, start: number): number {
  const first = body[start]
  if (first === quote) {
    const end = endOfString(body, start)
    return end === -1 ? -1 : end + 1
  }
  return first === openBrace || first === openBracket ? endOfNested(body, start) : endOfScalar(body, start)
}

function endOfNested(body: Buffer, open: number): number {
  let depth = 0
  for (let at = open; at < body.length; at++) {
    const byte = body[at]
    if (byte === quote) {
      at = endOfString(body, at)
      if (at === -1) return -1
    } else if (byte === openBrace || byte === openBracket) depth++
    else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) return at + 1
  }
  return -1
}

/** Whether a byte belongs to a number or a word: `true`, `null`, and the `NaN` that some clients send. */
const isOfScalar = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  byte === 0x2d ||
  byte === 0x2e ||
  byte === 0x2b

function endOfScalar(body: Buffer, start: number): number {
  let at = start
  while (at < body.length && isOfScalar(body[at] as number)) at++
  return at === start ? -1 : at
}
