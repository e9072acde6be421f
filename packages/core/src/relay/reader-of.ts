import { headerValue } from '../provider/error-body.js'
import type { Call } from './call.js'
import { ErrorReader } from './read-error.js'
import { JsonReader } from './read-json.js'
import { PlainReader } from './read-plain.js'
import { StreamReader } from './read-stream.js'
import type { AnswerHead, Reader } from './reader.js'

/** `application/json` and its kin, but not the line-wise kinds, which are streams. */
const jsonType = /\bjson\s*(?:;|$)/i
const streamType = /^text\/event-stream\b/i

/** The reader for a kind of answer. */
export function readerOf(head: AnswerHead, { route }: Call): Reader {
  if (head.status >= 400) return new ErrorReader(head)
  const type = headerValue(head.headers, 'content-type') ?? ''
  if (streamType.test(type)) return new StreamReader(head, route)
  return jsonType.test(type) ? new JsonReader(head, route) : new PlainReader(head, route)
}
