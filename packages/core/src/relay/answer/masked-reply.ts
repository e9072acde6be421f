import { errorType } from '../../errors.js'
import { maskOf, revealSecret, type Secret } from '../../key/secret.js'
import { decodeText } from '../../wire/decode-text.js'
import { headerValue, joinedValues, withoutHeaders } from '../../wire/headers.js'
import { parseJson } from '../../wire/json.js'
import { jsonHeaders } from './body-headers.js'
import type { Reply } from './reply.js'

/** Shorter parts of a key are not looked for in headers: a mask shows nearly as much. */
const partLength = 14

/**
 * Masks the key in a list of headers, in place: some upstreams repeat what they were sent. Values that are shorter than
 * the key are searched for its beginning and its end alone. A header whose name repeats the key is dropped.
 */
export function maskHeaders(headers: string[], secret: Secret): void {
  const token = revealSecret(secret)
  const begin = token.slice(0, partLength)
  const end = token.slice(-partLength)
  // Names arrive in lower case.
  const beginInName = begin.toLowerCase()
  const endInName = end.toLowerCase()
  for (let at = headers.length - 1; at > 0; at -= 2) {
    const value = headers[at] as string
    const name = headers[at - 1] as string
    if (repeats(name, beginInName, endInName)) headers.splice(at - 1, 2)
    else if (value.length >= token.length || repeats(value, begin, end))
      headers[at] = maskOf(secret).applyToValue(value)
  }
}

const repeats = (value: string, begin: string, end: string): boolean =>
  value.length >= partLength && (value.includes(begin) || value.includes(end))

/** The reply with masks where it repeats the key; the same reply when it does not. */
export function maskedReply(reply: Reply, secret: Secret): Reply {
  const coding = joinedValues(reply.headers, 'content-encoding')
  if (coding !== undefined && coding !== 'identity' && reply.status >= 400 && reply.body.length > 0)
    return unreadable(reply, coding)
  const type = headerValue(reply.headers, 'content-type')
  const text = decodeText(reply.body, type)
  const masked = maskedText(text, secret)
  if (masked === text) return reply
  const body = Buffer.from(masked)
  const kept = withoutHeaders(reply.headers, replaced)
  const headers = [...kept, 'content-type', inUtf8(type), 'content-length', String(body.length)]
  return { ...reply, headers, body }
}

/** An error whose body is in a coding that was not undone. Its client might undo it, and find the key in it. */
function unreadable({ status, headers, body: coded, ...rest }: Reply, coding: string): Reply {
  const message = `The upstream answered with status ${status}, in a coding that cannot be read here: ${coding}`
  const body = Buffer.from(
    JSON.stringify({ error: { message, type: errorType(status), code: null, param: null } }),
  )
  const kept = withoutHeaders(headers, new Set(['content-encoding']))
  return { ...rest, status, headers: jsonHeaders(kept, body.length), body }
}

/** A text with masks where it repeats the key, also in JSON that escapes letters which need no escape. */
export function maskedText(text: string, secret: Secret): string {
  const mask = maskOf(secret)
  const masked = mask.apply(text)
  if (!masked.includes('\\u')) return masked
  const json: unknown = parseJson(masked)
  if (json === undefined) return masked
  const plain = JSON.stringify(json)
  const maskedPlain = mask.apply(plain)
  return maskedPlain === plain ? masked : maskedPlain
}

const replaced: ReadonlySet<string> = new Set(['content-type', 'content-length'])

/** The type of a text that is written anew, in UTF-8. */
function inUtf8(type: string | undefined): string {
  if (type === undefined) return 'text/plain; charset=utf-8'
  return type.replace(/(charset\s*=\s*)"?[^\s;"]+"?/i, '$1utf-8')
}
