import { maskTokens } from '../mask.js'
import { isRecord, parseJson } from '../wire/json.js'

/** What an upstream's error body says, whatever its shape. */
export interface ErrorBody {
  readonly code: number | string | undefined
  /** Shortened, with a mask in the place of anything that looks like an API key. */
  readonly message: string | undefined
  /** Code and message stand in an `error` object. */
  readonly hasErrorObject: boolean
  /** The parsed JSON object, list or string; undefined when the body is anything else. */
  readonly json: unknown
}

const maxMessageLength = 300

/** Objects, lists and strings. `404` is valid JSON too, but an upstream that sends it means a text. */
const mayBeJson = /^\s*[{["]/

/**
 * Reads every error shape seen: `{code,message,data}`, OpenAI's `{error:{…}}`, `{error:"…"}`, a list of these (Google),
 * `{detail:"…"}` (FastAPI), a bare JSON string, plain text, HTML, nothing.
 */
export function readErrorBody(body: string): ErrorBody {
  const json = mayBeJson.test(body) ? parseJson(body) : undefined
  const value = Array.isArray(json) ? json[0] : json
  if (typeof value === 'string') return messageOnly(value, json)
  if (!isRecord(value)) return messageOnly(body.trimStart().startsWith('<') ? '' : body.trim(), json)
  const hasErrorObject = isRecord(value.error)
  const inner = isRecord(value.error) ? value.error : value
  const message = [inner.message, value.message, value.error, value.detail].find(
    (text): text is string => typeof text === 'string',
  )
  return {
    code: readCode(inner.code) ?? readCode(value.code),
    message: message === undefined ? undefined : shortened(message),
    hasErrorObject,
    json,
  }
}

const messageOnly = (text: string, json: unknown): ErrorBody => ({
  code: undefined,
  message: text === '' ? undefined : shortened(text),
  hasErrorObject: false,
  json,
})

/** Codes come as numbers, as digits in a string, and as names. */
function readCode(value: unknown): number | string | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value === '') return undefined
  return /^\d+$/.test(value) ? Number(value) : value
}

function shortened(text: string): string {
  const masked = maskTokens(text)
  return masked.length <= maxMessageLength ? masked : `${masked.slice(0, maxMessageLength)}…`
}
