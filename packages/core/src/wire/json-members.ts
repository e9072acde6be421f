export const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d]

/** A member of a JSON object, by where it stands in the bytes. */
export interface Member {
  /** Its escapes undone; `''` for one that is too long to be of interest. */
  readonly name: string
  /** The opening quote of the name. */
  readonly start: number
  readonly valueStart: number
  /** Behind the last byte of the value. */
  readonly valueEnd: number
}

/** Longer names are not decoded: 16 characters, each of them written as an escape. */
const longestName = 16 * 6

/** Where the object begins that is all of the body, behind a byte order mark and white space; -1 when none does. */
export function startOfObject(body: Buffer): number {
  const isMarked = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf
  const at = skipSpace(body, isMarked ? 3 : 0)
  return body[at] === openBrace ? at : -1
}

/** Where the first item of a list begins; of what is no list, where it begins itself. */
export function startOfItem(body: Buffer, start: number): number {
  return body[start] === openBracket ? skipSpace(body, start + 1) : start
}

/**
 * Visits the members of the object that begins at `open`, in their order, repeated names included, without parsing
 * what they hold: strings are skipped by a native byte search. Answers where the object ends (behind its brace), or -1
 * when it is cut off or no object; members before the fault have been visited then.
 */
export function walkMembers(body: Buffer, open: number, visit: (member: Member) => void): number {
  let at = skipSpace(body, open + 1)
  if (body[open] !== openBrace) return -1
  if (body[at] === closeBrace) return at + 1
  for (;;) {
    if (body[at] !== quote) return -1
    const nameEnd = endOfString(body, at)
    if (nameEnd === -1) return -1
    const behindName = skipSpace(body, nameEnd + 1)
    if (body[behindName] !== colon) return -1
    const valueStart = skipSpace(body, behindName + 1)
    const valueEnd = endOfValue(body, valueStart)
    if (valueEnd === -1) return -1
    visit({ name: nameOf(body, at, nameEnd), start: at, valueStart, valueEnd })
    const next = skipSpace(body, valueEnd)
    if (body[next] === closeBrace) return next + 1
    if (body[next] !== comma) return -1
    at = skipSpace(body, next + 1)
  }
}

/** Whether nothing but white space is left. */
export function isEnd(body: Buffer, from: number): boolean {
  return skipSpace(body, from) === body.length
}

/** The index of the closing quote: the next one that an even number of backslashes precedes; -1 when there is none. */
export function endOfString(body: Buffer, open: number): number {
  for (let end = body.indexOf(quote, open + 1); end !== -1; end = body.indexOf(quote, end + 1)) {
    let escapes = end
    while (body[escapes - 1] === backslash) escapes--
    if ((end - escapes) % 2 === 0) return end
  }
  return -1
}

/** The string between two quotes, its escapes undone; null when they make no sense. */
export function parseString(body: Buffer, open: number, end: number): string | null {
  try {
    return JSON.parse(body.toString('utf8', open, end + 1)) as string
  } catch {
    return null
  }
}

export const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

function skipSpace(body: Buffer, from: number): number {
  let at = from
  while (isSpace(body[at])) at++
  return at
}

function nameOf(body: Buffer, open: number, end: number): string {
  return end - open > longestName + 1 ? '' : (parseString(body, open, end) ?? '')
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

/** The bytes of numbers, `true`, `false` and `null`. */
const isOfScalar = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x2d ||
  byte === 0x2e ||
  byte === 0x2b ||
  byte === 0x45

function endOfScalar(body: Buffer, start: number): number {
  let at = start
  while (at < body.length && isOfScalar(body[at] as number)) at++
  return at === start ? -1 : at
}
