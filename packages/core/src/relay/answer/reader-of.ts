import { isJsonType, isStreamType } from '../../wire/content-type.js'
import { headerValue } from '../../wire/headers.js'
import type { Call } from '../request/call.js'
import type { AnswerHead } from './answer-head.js'
import { BufferedReader } from './read-buffered.js'
import { ErrorReader } from './read-error.js'
import { JsonReader } from './read-json.js'
import { PlainReader } from './read-plain.js'
import { RestreamedReader } from './read-restreamed.js'
import { StreamReader } from './read-stream.js'
import type { Reader } from './reader.js'

/** The reader for a kind of answer. */
export function readerOf(head: AnswerHead, call: Call): Reader {
  const { route, form } = call
  if (head.status >= 400) return new ErrorReader(head)
  const type = headerValue(head.headers, 'content-type')
  if (isStreamType(type))
    return form === 'buffer' ? new BufferedReader(head, route) : new StreamReader(head, call)
  if (form === 'stream' && isJsonType(type)) return new RestreamedReader(head, call)
  return isJsonType(type) ? new JsonReader(head, route) : new PlainReader(head, route)
}
