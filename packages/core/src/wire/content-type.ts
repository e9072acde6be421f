import { headerValue } from './headers.js'

/** Whether a body is one JSON text: `application/json` and its kin, but not JSON lines, which are streams. */
export const isJsonType = (type: string | undefined): boolean =>
  type !== undefined && /\bjson\s*(?:;|$)/i.test(type)

/** Whether a body is a stream of server-sent events. */
export const isStreamType = (type: string | undefined): boolean =>
  type !== undefined && /^text\/event-stream\b/i.test(type)

/** Whether a head belongs to a stream of server-sent events that can be read: one that is still coded cannot. */
export const isEventStream = (headers: readonly string[]): boolean =>
  isStreamType(headerValue(headers, 'content-type')) && !isCoded(headers)

/** Whether the body of a head is coded in a way that was not decoded. */
export function isCoded(headers: readonly string[]): boolean {
  const coding = headerValue(headers, 'content-encoding')
  return coding !== undefined && !/^\s*(?:identity)?\s*$/i.test(coding)
}
