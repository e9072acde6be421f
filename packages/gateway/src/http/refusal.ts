import type { KeyPoolError } from '@sfpool/core'

/** Codes of the gateway's own refusals, beside the error codes of the pool. */
export type RefusalCode =
  | 'admin_closed'
  | 'admin_key_required'
  | 'foreign_origin'
  | 'internal_error'
  | 'invalid_path'
  | 'invalid_request'
  | 'method_not_allowed'
  | 'not_found'
  | 'too_many_wrong_keys'

/** An error answer, ready to be sent. */
export interface Refusal {
  readonly status: number
  readonly code: string
  /** JSON in OpenAI's error shape. */
  readonly body: string
  /** Flat list of headers, without content type and length. */
  readonly headers: readonly string[]
}

const facts: Readonly<Record<RefusalCode, { status: number; type: string }>> = {
  admin_closed: { status: 403, type: 'permission_error' },
  admin_key_required: { status: 403, type: 'permission_error' },
  foreign_origin: { status: 403, type: 'permission_error' },
  internal_error: { status: 500, type: 'server_error' },
  invalid_request: { status: 400, type: 'invalid_request_error' },
  invalid_path: { status: 400, type: 'invalid_request_error' },
  method_not_allowed: { status: 405, type: 'invalid_request_error' },
  not_found: { status: 404, type: 'not_found_error' },
  too_many_wrong_keys: { status: 429, type: 'rate_limit_error' },
}

/** OpenAI's SDKs try again after some refusals, where only a person can mend what is wrong. */
const noRetry: readonly string[] = ['x-should-retry', 'false']

/** Makes a refusal with a code of the gateway's own. */
export function refusal(code: RefusalCode, message: string, headers: readonly string[] = []): Refusal {
  const { status, type } = facts[code]
  const body = JSON.stringify({ error: { message, type, code, param: null } })
  return { status, code, body, headers: status < 500 && status !== 429 ? [...headers, ...noRetry] : headers }
}

/** Makes a refusal of an error of the pool. */
export function refusalFrom(error: KeyPoolError, headers: readonly string[] = []): Refusal {
  const { status, code, retryAfterMs } = error
  const isForPerson = code === 'invalid_client_key' || code === 'invalid_config'
  const body = JSON.stringify(error.toBody())
  const wait = retryAfterMs === undefined ? [] : ['retry-after', String(Math.ceil(retryAfterMs / 1000))]
  return { status, code, body, headers: [...headers, ...wait, ...(isForPerson ? noRetry : [])] }
}
