import { generates } from '../../sse/emptiness.js'
import { isCoded, isJsonType, isStreamType } from '../../wire/content-type.js'
import { headerValue } from '../../wire/headers.js'
import { bytesOf, type Call } from '../request/call.js'
import { asksForStream } from '../request/stream-flags.js'
import type { AnswerHead } from './answer-head.js'
import { BufferedReader } from './buffered-reader.js'
import { ErrorReader } from './error-reader.js'
import { JsonReader } from './json-reader.js'
import { PlainReader } from './plain-reader.js'
import type { Reader } from './reader.js'
import { RestreamedReader } from './restreamed-reader.js'
import { SniffingReader } from './sniffing-reader.js'
import { StreamReader } from './stream-reader.js'

/** Creates the reader for an answer, by its status and content type and by the form that the client gets. */
export function readerOf(head: AnswerHead, call: Call): Reader {
  const { route, form } = call
  if (head.status >= 400) return new ErrorReader(head)
  // What is still coded says nothing to anyone here: the client gets it as it is.
  if (isCoded(head.headers)) return new PlainReader(head, route)
  const type = headerValue(head.headers, 'content-type')
  if (isStreamType(type)) return streamReaderOf(head, call)
  if (form === 'stream' && isJsonType(type)) return new RestreamedReader(head, call)
  // Whatever a generated answer is labelled, it is looked at: a page of a portal is none.
  return isJsonType(type) || generates(route) ? new JsonReader(head, route) : new PlainReader(head, route)
}

/**
 * The reader for an answer whose first bytes have come: another one than its head asked for when they may begin a stream
 * that the request asked for, and that the upstream labelled as something else.
 */
export function readerAtFirstBytes(
  labelled: Reader,
  { head, call, bytes }: { head: AnswerHead; call: Call; bytes: Uint8Array },
): Reader {
  if (!mayBeginEvents(bytes[0]) || head.status >= 300 || isCoded(head.headers)) return labelled
  if (isStreamType(headerValue(head.headers, 'content-type')) || !wantedStream(call)) return labelled
  return new SniffingReader({ labelled, asStream: () => streamReaderOf(head.asStream(), call) })
}

const streamReaderOf = (head: AnswerHead, call: Call): Reader =>
  call.form === 'buffer' ? new BufferedReader(head, call.route) : new StreamReader(head, call)

/** The bytes before the first field, and the first letters of fields; JSON begins with none of these letters. */
const firstBytes: ReadonlySet<number | undefined> = new Set(
  Buffer.from('\t\n\v\f\r :deir\uFEFF').subarray(0, -2),
)

const mayBeginEvents = (first: number | undefined): boolean => firstBytes.has(first)

/** Whether the upstream was asked for a stream, or the client wants one. */
function wantedStream({ method, body, form, wantsStream }: Call): boolean {
  if (method !== 'POST' || body === null) return false
  return wantsStream || form === 'buffer' || asksForStream(bytesOf(body))
}
