import { errorType } from '../errors.js'
import { maskTokens } from '../mask.js'
import type { Meter } from '../outcome/meter.js'
import { headerValue } from '../wire/headers.js'

/** What an upstream's error body said, whatever its shape. */
export interface ErrorBody {
  readonly code: number | string | undefined
  /** Shortened, and with a mask in the place of anything that looks like an API key. */
  readonly message: string | undefined
  /** Code and message stood in an `error` object. */
  readonly hasErrorObject: boolean
  /** The parsed JSON value; undefined when the body is not JSON. */
  readonly json: unknown
}

const maxMessageLength = 300

/**
 * Reads every error shape seen: `{code,message,data}`, OpenAI's `{error:{…}}`, `{error:"…"}`, a list of these (Google),
 * `{detail:"…"}` (FastAPI), a bare JSON string, plain text, HTML, nothing.
 */
export function readErrorBody(body: string): ErrorBody {
  const json = parseJson(body)
  const value = Array.isArray(json) ? json[0] : json
  if (typeof value === 'string') return wordsOnly(value, json)
  if (!isRecord(value)) return wordsOnly(body.trimStart().startsWith('<') ? '' : body.trim(), json)
  const hasErrorObject = isRecord(value.error)
  const inner = isRecord(value.error) ? value.error : value
  const message = [inner.message, value.message, value.error, value.detail].find(
    (text): text is string => typeof text === 'string',
  )
  return {
    code: readCode(inner.code) ?? readCode(value.code),
    message: message === undefined ? undefined : clip(message),
    hasErrorObject,
    json,
  }
}

const wordsOnly = (text: string, json: unknown): ErrorBody => ({
  code: undefined,
  message: text === '' ? undefined : clip(text),
  hasErrorObject: false,
  json,
})

/** The limit an error text names, as in "Details: TPM limit reached." */
export function readMeter(message: string | undefined): Meter | undefined {
  return message === undefined ? undefined : (/\b(RPM|RPH|RPD|TPM|TPD|IPM|IPD)\b/.exec(message)?.[1] as Meter)
}

/**
 * `Retry-After` in milliseconds: seconds (fractions too) or an HTTP date against the answer's own `Date`, so that
 * our clock does not matter. OpenAI's finer `retry-after-ms` comes first. Nonsense is undefined.
 */
export function readRetryAfterMs(headers: readonly string[]): number | undefined {
  const lengthMs = headerValue(headers, 'retry-after-ms')?.trim() ?? ''
  if (isDecimal.test(lengthMs)) return Math.round(Number(lengthMs))
  const value = headerValue(headers, 'retry-after')?.trim() ?? ''
  if (isDecimal.test(value)) return Math.round(Number(value) * 1000)
  const until = parseHttpDate(value)
  const sentAt = parseHttpDate(headerValue(headers, 'date') ?? '')
  return until === undefined || sentAt === undefined ? undefined : Math.max(0, until - sentAt)
}

/** Not more digits than a number can hold without becoming infinite. */
const isDecimal = /^\d{1,15}(\.\d{1,15})?$/

/**
 * The body with an OpenAI `error` object beside what the upstream sent, or undefined when it has one already or is
 * not JSON. OpenAI's SDKs drop JSON bodies without it and show "400 status code (no body)".
 */
export function withErrorObject(body: string, status: number): string | undefined {
  const { json, code, message } = readErrorBody(body)
  const error = {
    message: message ?? `HTTP ${status}`,
    type: errorType(status),
    code: code ?? null,
    param: null,
  }
  if (typeof json === 'string') return JSON.stringify({ code: null, message: json, data: null, error })
  if (!isRecord(json) || (json.error !== undefined && json.error !== null)) return undefined
  return JSON.stringify({ ...json, error })
}

function parseJson(text: string): unknown {
  const first = text.trimStart()[0]
  if (first !== '{' && first !== '"' && first !== '[') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Codes come as numbers and as digits in a string; names stay names. */
function readCode(value: unknown): number | string | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value === '') return undefined
  return /^\d+$/.test(value) ? Number(value) : value
}

function clip(text: string): string {
  const masked = maskTokens(text)
  return masked.length <= maxMessageLength ? masked : `${masked.slice(0, maxMessageLength)}…`
}

/** RFC 9110's IMF-fixdate. */
function parseHttpDate(text: string): number | undefined {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return undefined
  // biome-ignore lint/style/noRestrictedGlobals: reading the clock is what is banned; parsing a date is pure
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}
