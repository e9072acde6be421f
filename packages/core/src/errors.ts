import { maskTokens } from './mask.js'

/**
 * Every error of ours, by code. The same codes appear in thrown errors, in JSON error bodies and in logs;
 * `docs/reference/errors.md` lists cause and remedy of each.
 */
export type ErrorCode =
  | 'all_keys_cooling'
  | 'all_keys_exhausted'
  | 'all_keys_invalid'
  | 'body_too_large'
  | 'invalid_client_key'
  | 'invalid_config'
  | 'no_keys'
  | 'overloaded'
  | 'pool_closed'
  | 'queue_full'
  | 'request_aborted'
  | 'request_timeout'
  | 'store_conflict'
  | 'store_failed'
  | 'stream_interrupted'
  | 'unknown_key'
  | 'upstream_timeout'
  | 'upstream_unreachable'

/** The HTTP status each code is answered with; in-stream and programming errors have none of their own. */
const statusOf: Readonly<Record<ErrorCode, number>> = {
  all_keys_cooling: 429,
  all_keys_exhausted: 402,
  all_keys_invalid: 503,
  body_too_large: 413,
  invalid_client_key: 401,
  invalid_config: 500,
  no_keys: 503,
  overloaded: 503,
  pool_closed: 503,
  queue_full: 429,
  request_aborted: 499,
  request_timeout: 408,
  store_conflict: 409,
  store_failed: 500,
  stream_interrupted: 502,
  unknown_key: 404,
  upstream_timeout: 504,
  upstream_unreachable: 502,
}

/** What only a person can mend: trying again is no use, and clients are told so. */
const forPersons: ReadonlySet<ErrorCode> = new Set([
  'all_keys_exhausted',
  'all_keys_invalid',
  'body_too_large',
  'invalid_client_key',
  'invalid_config',
  'no_keys',
])

export const isForPerson = (code: ErrorCode): boolean => forPersons.has(code)

/** What an error may carry beside its message: data to act on, never a secret. */
export interface ErrorDetails {
  readonly cause?: unknown
  /** When trying again can succeed, in milliseconds from now. */
  readonly retryAfterMs?: number
  /** How many upstream calls were made for the request that failed. */
  readonly attempts?: number
  /** The option or field that the error concerns, as in `timeouts.firstByte`. */
  readonly param?: string
}

const marker = Symbol.for('sfpool.error')

/** Base of everything the pool throws. `KeyPoolError.isInstance` also knows errors of another copy of the package. */
export class KeyPoolError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly retryAfterMs: number | undefined
  readonly attempts: number | undefined
  readonly param: string | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'KeyPoolError'
    this.code = code
    this.status = statusOf[code]
    this.retryAfterMs = details.retryAfterMs
    this.attempts = details.attempts
    this.param = details.param
  }

  static {
    Object.defineProperty(KeyPoolError.prototype, marker, { value: true })
  }

  static isInstance(value: unknown): value is KeyPoolError {
    return typeof value === 'object' && value !== null && Reflect.get(value, marker) === true
  }

  /** The JSON body this error is answered with: OpenAI's shape, so that every SDK shows the message. */
  toBody(): { error: { message: string; type: string; code: ErrorCode; param: string | null } } {
    const { message, status, code, param = null } = this
    return { error: { message, type: errorType(status), code, param } }
  }
}

/** Stands for a received value that must not be repeated. */
export const withheld: unique symbol = Symbol('withheld')

/** A wrong option: says which one, the rule it breaks and the value received. */
export class ConfigError extends KeyPoolError {
  readonly option: string
  readonly rule: string

  /** `received` is shown shortened and without anything that looks like a secret. */
  constructor(option: string, rule: string, received: unknown) {
    super('invalid_config', `${option} ${rule}; received ${describe(received)}`)
    this.name = 'ConfigError'
    this.option = option
    this.rule = rule
  }
}

/** OpenAI's `type` for a status, which its SDKs and many clients branch on. */
export function errorType(status: number): string {
  if (status === 401) return 'authentication_error'
  if (status === 402) return 'insufficient_quota'
  if (status === 403) return 'permission_error'
  if (status === 404) return 'not_found_error'
  if (status === 429) return 'rate_limit_error'
  return status < 500 ? 'invalid_request_error' : 'server_error'
}

const maxShownLength = 40

/** A received value, short and safe to print. */
function describe(value: unknown): string {
  if (value === withheld) return 'a value that is not shown, because it may be a secret'
  if (typeof value === 'string') return JSON.stringify(shown(value))
  if (typeof value === 'function') return 'a function'
  if (value === null || typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  return `an object (${Object.keys(value).slice(0, 5).map(shown).join(', ')})`
}

/** Without API keys and without the credentials of a URL; of a long text, its beginning. */
function shown(text: string): string {
  const safe = maskTokens(text).replace(/\/\/[^/@\s]*@/g, '//…@')
  return safe.length > maxShownLength ? `${safe.slice(0, 5)}…` : safe
}
