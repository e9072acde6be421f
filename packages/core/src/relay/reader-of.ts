import { headerValue } from '../provider/error-body.js'
import type { Call } from './call.js'
import { BufferedReader } from './read-buffered.js'
import { ErrorReader } from './read-error.js'
import { JsonReader } from './read-json.js'
import { PlainReader } from './read-plain.js'
import { RestreamedReader } from './read-restreamed.js'
import { StreamReader } from './read-stream.js'
import type { AnswerHead, Reader } from './reader.js'

/** `application/json` and its kin, but not the line-wise kinds, which are streams. */
const jsonType = /\bjson\s*(?:;|$)/i
const streamType = /^text\/event-stream\b/i

/** The reader for a kind of answer. */
export function readerOf(head: AnswerHead, call: Call): Reader {
  const { route, form } = call
  if (head.status >= 400) return new ErrorReader(head)
  const type = headerValue(head.headers, 'content-type') ?? ''
  if (streamType.test(type))
    return form === 'buffer' ? new BufferedReader(head, route) : new StreamReader(head, call)
  if (form === 'stream' && jsonType.test(type)) return new RestreamedReader(head, call)
  return jsonType.test(type) ? new JsonReader(head, route) : new PlainReader(head, route)
}
