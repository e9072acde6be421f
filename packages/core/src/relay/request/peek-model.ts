import { endOfString, isSpace, parseString, quote } from '../../wire/json-members.js'
import { boundaryOf, isModelField } from './rewrite-form.js'

const backslash = 0x5c
const [openBrace, closeBrace, openBracket, closeBracket, colon] = [0x7b, 0x7d, 0x5b, 0x5d, 0x3a]

/** Model names longer than this are not names. */
const maxNameLength = 256

/**
 * The model a body asks for, found without parsing the rest: the top-level `model` of a JSON object, or the `model`
 * field of a form; of two, the first. Null when there is none, or it is cut off. A 20 MB picture after it is not
 * looked at; before it, strings are skipped by a native byte search.
 */
export function peekModel(body: Buffer, contentType: string | undefined): string | null {
  const boundary = boundaryOf(contentType)
  return boundary === null ? modelOfJson(body) : modelOfForm(body, boundary)
}

function modelOfJson(body: Buffer): string | null {
  let model: string | null = null
  forEachMember(body, (open, end) => {
    if (!isModelKey(body, open, end)) return true
    model = stringAfter(body, end + 1)
    return false
  })
  return model
}

/**
 * Visits the names of the top-level members of a JSON object, by the positions of their quotes, until the visitor
 * answers false. What lies deeper is passed over; strings are skipped by a native byte search.
 */
export function forEachMember(body: Buffer, visit: (open: number, end: number) => boolean): void {
  let depth = 0
  let isKey = false
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]
    if (byte === openBrace || byte === openBracket) {
      depth++
      isKey = byte === openBrace
    } else if (byte === closeBrace || byte === closeBracket) {
      depth--
      isKey = false
    } else if (byte === 0x2c) {
      isKey = depth === 1
    } else if (byte === colon) {
      isKey = false
    } else if (byte === quote) {
      const end = endOfString(body, at)
      if (end === -1) return
      if (depth === 1 && isKey && !visit(at, end)) return
      at = end
    }
  }
}

function isModelKey(body: Buffer, open: number, end: number): boolean {
  if (end - open === 6) return body.toString('latin1', open + 1, end) === 'model'
  return (
    end - open < 32 &&
    body.subarray(open, end).includes(backslash) &&
    parseString(body, open, end) === 'model'
  )
}

/** Where the value of a member begins, behind the closing quote of its name. */
export function startOfValue(body: Buffer, from: number): number {
  let at = from
  while (isSpace(body[at]) || body[at] === colon) at++
  return at
}

/** The string that begins behind a member's name; null when there is none, or it is no name. */
export function stringAfter(body: Buffer, from: number): string | null {
  const at = startOfValue(body, from)
  if (body[at] !== quote) return null
  const end = endOfString(body, at)
  return end === -1 || end - at > maxNameLength ? null : parseString(body, at, end)
}

/** Walks the parts of a form by their boundary; only the heads of parts are read as text. */
function modelOfForm(body: Buffer, boundary: string): string | null {
  const delimiter = Buffer.from(`--${boundary}`, 'latin1')
  for (
    let part = body.indexOf(delimiter);
    part !== -1;
    part = body.indexOf(delimiter, part + delimiter.length)
  ) {
    const headEnd = body.indexOf('\r\n\r\n', part)
    if (headEnd === -1) return null
    const head = body.toString('latin1', part, Math.min(headEnd, part + 4096))
    if (!isModelField(head)) continue
    const end = body.indexOf(delimiter, headEnd)
    // Without its end the value may be half a name.
    if (end === -1 || end - headEnd > maxNameLength) return null
    const value = body.toString('utf8', headEnd + 4, end).trim()
    return value === '' ? null : value
  }
  return null
}
