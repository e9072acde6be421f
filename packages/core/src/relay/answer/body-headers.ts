import { headerValue, withoutHeaders } from '../../wire/headers.js'

/** The headers by which clients, and proxies on the way to them, expect events one by one. */
export const streamHeaders: readonly string[] = [
  'content-type',
  'text/event-stream',
  'cache-control',
  'no-cache',
  'x-accel-buffering',
  'no',
]

const lengthAndType: ReadonlySet<string> = new Set(['content-length', 'content-type'])
const lengthAlone: ReadonlySet<string> = new Set(['content-length'])
const replacedByStream: ReadonlySet<string> = new Set([
  ...lengthAndType,
  'cache-control',
  'x-accel-buffering',
])

/** The headers of an answer whose body is replaced by JSON of this length. */
export function jsonHeaders(headers: readonly string[], length: number): string[] {
  const kept = withoutHeaders(headers, lengthAndType)
  return ['content-length', String(length), ...kept, 'content-type', 'application/json']
}

/** The headers of an answer whose body is replaced by a stream of events. */
export function eventStreamHeaders(headers: readonly string[]): string[] {
  return [...withoutHeaders(headers, replacedByStream), ...streamHeaders]
}

/**
 * The headers without the length of the body: events may be added to a stream (an error, a heartbeat), taken away, or
 * cut anew.
 */
export function withoutLength(headers: readonly string[]): readonly string[] {
  return headerValue(headers, 'content-length') === undefined ? headers : withoutHeaders(headers, lengthAlone)
}
