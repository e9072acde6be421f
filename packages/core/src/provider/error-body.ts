import { maskTokens } from '../mask.js'
import { isRecord, type JsonObject, parseJson } from '../wire/json.js'

/** What an upstream's error body says, whatever its shape. */
export interface ErrorBody {
  readonly code: number | string | undefined
  /** Shortened, with a mask in the place of anything that looks like an API key. */
  readonly message: string | undefined
  /** Code and message stand in an `error` object. */
  readonly hasErrorObject: boolean
  /** The names that the error has in its own fields: its code, type, status and reasons. */
  readonly names: readonly string[]
  /** The parsed JSON object, list or string; undefined when the body is anything else. */
  readonly json: unknown
}

const maxMessageLength = 300
/** A longer one is a sentence and no name. */
const maxNameLength = 80
/** The reasons that are looked at: Google lists one, with its words in several languages. */
const maxReasons = 8

/** Objects, lists and strings. `404` is valid JSON too, but an upstream that sends it means a text. */
const mayBeJson = /^\s*[{["]/

/**
 * Reads every error shape seen: `{code,message,data}`, OpenAI's `{error:{…}}`, `{error:"…"}`, a list of these (Google),
 * `{detail:"…"}` (FastAPI), `{base_resp:{…}}` (MiniMax), a bare JSON string, plain text, HTML, nothing.
 */
export function readErrorBody(body: string): ErrorBody {
  const text = body.charCodeAt(0) === 0xfe_ff ? body.slice(1) : body
  const json = mayBeJson.test(text) ? parseJson(text) : undefined
  const value = Array.isArray(json) ? json[0] : json
  if (typeof value === 'string') return messageOnly(value, json)
  if (!isRecord(value)) {
    const hasNoWords = json !== undefined || text.trimStart().startsWith('<')
    return messageOnly(hasNoWords ? '' : text.trim(), json)
  }
  const hasErrorObject = isRecord(value.error)
  const inner = [value.error, value.base_resp].find(isRecord) ?? value
  const message = messageIn(inner) ?? messageIn(value)
  return {
    code: readCode(inner.code) ?? readCode(inner.status_code) ?? readCode(value.code),
    message: message === undefined ? undefined : shortened(message),
    hasErrorObject,
    names: namesIn(inner, value),
    json,
  }
}

const messageOnly = (text: string, json: unknown): ErrorBody => ({
  code: undefined,
  message: text === '' ? undefined : shortened(text),
  hasErrorObject: false,
  names: [],
  json,
})

/** The fields in which errors have their words, the most telling first. */
const messageFields = [
  'message',
  'Message',
  'msg',
  'error',
  'error_description',
  'error_message',
  'error_msg',
  'errorMessage',
  'status_msg',
  'detail',
  'details',
  'errors',
  'title',
  'reason',
]

function messageIn(value: JsonObject): string | undefined {
  for (const name of messageFields) {
    const given = value[name]
    const first: unknown = Array.isArray(given) ? given[0] : given
    // A validator lists what it found (FastAPI), and some errors hold an object where a text belongs.
    const text = isRecord(first) ? [first.msg, first.message].find(isText) : first
    if (isText(text)) return text
  }
  return undefined
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

function namesIn(inner: JsonObject, outer: JsonObject): string[] {
  const { details } = inner
  const reasons = Array.isArray(details) ? details.slice(0, maxReasons) : []
  return [
    inner.code,
    outer.code,
    inner.reason,
    ...reasons.map((detail: unknown) => (isRecord(detail) ? detail.reason : undefined)),
    inner.type,
    outer.type,
    inner.status,
  ].filter((name): name is string => isText(name) && name.length <= maxNameLength)
}

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
