import { isRecord } from '../wire/json.js'

/** How the data of an error event may begin: what begins otherwise need not be parsed to be cleared of suspicion. */
const suspicious = /^\s*\{\s*"(?:error|code|message|data"\s*:\s*null|(?:type|object)"\s*:\s*"error")/

/** Codes by which envelopes say that all is well. */
const codesOfSuccess: ReadonlySet<unknown> = new Set([0, 200, 20_000, '0', '200', '20000'])

/** A quick look that never misses an error. */
export const mayBeErrorEvent = (data: string): boolean => suspicious.test(data)

/**
 * Whether the parsed data of an event reports a failure: an `error`, SiliconFlow's `{code,message,data}` (its 429 has
 * no code), or an object that calls itself one. What carries choices is an answer, whatever else it says.
 */
export function isErrorEvent(event: unknown): boolean {
  if (!isRecord(event) || 'choices' in event) return false
  const { error, type, object, code, message, data } = event
  if (error !== undefined && error !== null && error !== false) return true
  if (type === 'error' || object === 'error') return true
  if (typeof message !== 'string') return false
  const hasCode = typeof code === 'number' || typeof code === 'string'
  return hasCode ? !codesOfSuccess.has(code) : data === null
}

/** What stands beside an error where there is nothing but an error. */
const envelope: ReadonlySet<string> = new Set([
  'error',
  'code',
  'message',
  'type',
  'object',
  'param',
  'path',
  'request_id',
  'success',
  'timestamp',
  'user_id',
])

/**
 * Whether a parsed reply is an error and nothing else. Jobs and stored answers tell of their errors too, under a
 * status of success that is meant.
 */
export function isErrorOnly(reply: unknown): boolean {
  if (!isErrorEvent(reply)) return false
  return Object.entries(reply as object).every(
    ([name, value]) => envelope.has(name) || (name === 'data' && value === null),
  )
}
