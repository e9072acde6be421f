import { isRecord, type JsonObject, parseJson } from '../wire/json.js'

/** Matches how the data of an error event may begin: data that begins otherwise need not be parsed. */
const suspicious = /^\s*\{\s*"(?:error|code|message|data"\s*:\s*null|(?:type|object)"\s*:\s*"error")/

/** Codes that mean success in an envelope. */
const successCodes: ReadonlySet<unknown> = new Set([0, 200, 20_000, '0', '200', '20000'])

/** Whether the data of an event may report a failure, found without parsing it; never false for an error. */
export const mayBeErrorEvent = (data: string): boolean => suspicious.test(data)

/**
 * Whether the parsed data of an event reports a failure: an `error`, SiliconFlow's `{code,message,data}` (its 429 has
 * no code), or an object whose type is `error`. An event with choices is an answer, whatever else it holds.
 */
export function isErrorEvent(event: unknown): boolean {
  if (!isRecord(event) || 'choices' in event) return false
  const { error, type, object, code, message, data } = event
  if (error !== undefined && error !== null && error !== false) return true
  if (type === 'error' || object === 'error') return true
  if (typeof message !== 'string') return false
  const hasCode = typeof code === 'number' || typeof code === 'string'
  return hasCode ? !successCodes.has(code) : data === null
}

/** Whether an event of an answer also carries an error, which the SDKs raise as they raise one that stands alone. */
export const carriesError = (event: unknown): boolean =>
  isRecord(event) && 'choices' in event && Boolean(event.error)

/** Whether an event is OpenAI's report that a response failed: an end mark and an error in one. */
export const isFailedResponse = (event: unknown): event is JsonObject =>
  isRecord(event) && event.type === 'response.failed'

/** The data of an error event as the body of an error: a failed response carries its error inside. */
export function errorBodyOf(data: string): string {
  if (!data.includes('"response.failed"')) return data
  const event = parseJson(data)
  if (!isFailedResponse(event)) return data
  const error = isRecord(event.response) && isRecord(event.response.error) ? event.response.error : {}
  const { code = null, message = 'The response failed', ...more } = error
  return JSON.stringify({ error: { message, type: 'server_error', param: null, code, ...more } })
}

/** Members that stand beside an error in a reply that is only an error. */
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
 * Whether a parsed reply is an error and nothing else. Jobs and stored answers also report errors of their own, and
 * mean their status of success.
 */
export function isErrorOnly(reply: unknown): boolean {
  if (!isErrorEvent(reply)) return false
  return Object.entries(reply as object).every(
    ([name, value]) => envelope.has(name) || (name === 'data' && value === null),
  )
}
