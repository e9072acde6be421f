import { isJsonType, isStreamType } from '../../wire/content-type.js'
import { headerValue } from '../../wire/headers.js'
import type { Call } from '../request/call.js'
import type { AnswerHead } from './answer-head.js'
import { BufferedReader } from './buffered-reader.js'
import { ErrorReader } from './error-reader.js'
import { JsonReader } from './json-reader.js'
import { PlainReader } from './plain-reader.js'
import type { Reader } from './reader.js'
import { RestreamedReader } from './restreamed-reader.js'
import { StreamReader } from './stream-reader.js'

/** Creates the reader for an answer, by its status and content type and by the form that the client gets. */
export function readerOf(head: AnswerHead, call: Call): Reader {
  const { route, form } = call
  if (head.status >= 400) return new ErrorReader(head)
  const type = headerValue(head.headers, 'content-type')
  if (isStreamType(type))
    return form === 'buffer' ? new BufferedReader(head, route) : new StreamReader(head, call)
  if (form === 'stream' && isJsonType(type)) return new RestreamedReader(head, call)
  return isJsonType(type) ? new JsonReader(head, route) : new PlainReader(head, route)
}
