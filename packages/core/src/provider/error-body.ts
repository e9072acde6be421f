import { errorType } from '../errors.js'
import type { Meter } from '../key/meter.js'

/** What an upstream's error body said, whatever its shape. */
export interface ErrorBody {
  readonly code: number | string | undefined
  readonly message: string | undefined
  /** The parsed JSON value; undefined when the body is not JSON. */
  readonly json: unknown
}

const maxMessageLength = 300

/**
 * Reads every error shape seen: `{code,message,data}`, OpenAI's `{error:{…}}`, `{error:"…"}`, a bare JSON string,
 * plain text, HTML, nothing.
 */
export function readErrorBody(body: string): ErrorBody {
  const json = parseJson(body)
  if (typeof json === 'string') return { code: undefined, message: clip(json), json }
  if (!isRecord(json)) {
    const isText = body.length > 0 && !body.trimStart().startsWith('<')
    return { code: undefined, message: isText ? clip(body.trim()) : undefined, json }
  }
  const inner = isRecord(json.error) ? json.error : json
  return {
    code: readCode(inner.code) ?? readCode(json.code),
    message: readText(inner.message) ?? readText(json.message) ?? readText(json.error),
    json,
  }
}

/** The limit an error text names, as in "Details: TPM limit reached." */
export function readMeter(message: string | undefined): Meter | undefined {
  return message === undefined ? undefined : (/\b(RPM|RPH|RPD|TPM|TPD|IPM|IPD)\b/.exec(message)?.[1] as Meter)
}

/**
 * `Retry-After` in milliseconds: seconds (fractions too) or an HTTP date against the answer's own `Date`, so that
 * our clock does not matter. Nonsense is undefined.
 */
export function readRetryAfterMs(headers: readonly string[]): number | undefined {
  const value = headerValue(headers, 'retry-after')?.trim()
  if (value === undefined || value === '') return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Math.round(Number(value) * 1000)
  const until = parseHttpDate(value)
  const sentAt = parseHttpDate(headerValue(headers, 'date') ?? '')
  return until === undefined || sentAt === undefined ? undefined : Math.max(0, until - sentAt)
}

/** The first value of a header in a flat list with lower-case names. */
export function headerValue(headers: readonly string[], name: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at] === name) return headers[at + 1]
  }
  return undefined
}

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
  if (!isRecord(json) || 'error' in json) return undefined
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

const readText = (value: unknown): string | undefined => (typeof value === 'string' ? clip(value) : undefined)

const clip = (text: string): string =>
  text.length <= maxMessageLength ? text : `${text.slice(0, maxMessageLength)}…`

/** RFC 9110's IMF-fixdate, parsed by its fields: `Date` is not available to pure code. */
function parseHttpDate(text: string): number | undefined {
  const match = /^\w{3}, (\d{2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/.exec(text)
  if (match === null) return undefined
  const month = 'JanFebMarAprMayJunJulAugSepOctNovDec'.indexOf(match[2] ?? '') / 3
  if (!Number.isInteger(month) || month < 0) return undefined
  const [day, year, hour, minute, second] = [1, 3, 4, 5, 6].map((index) => Number(match[index])) as [
    number,
    number,
    number,
    number,
    number,
  ]
  return ((daysSinceEpoch(year, month + 1, day) * 24 + hour) * 60 + minute) * 60_000 + second * 1000
}

/** Howard Hinnant's days-from-civil, for the proleptic Gregorian calendar. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return (
    era * 146_097 +
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    dayOfYear -
    719_468
  )
}
