import type { KeyPoolError } from '@sfpool/core'

/** Codes of the gateway's own refusals, beside the error codes of the pool. */
export type RefusalCode =
  | 'admin_closed'
  | 'admin_key_required'
  | 'foreign_origin'
  | 'internal_error'
  | 'invalid_path'
  | 'method_not_allowed'
  | 'not_found'

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
  invalid_path: { status: 400, type: 'invalid_request_error' },
  method_not_allowed: { status: 405, type: 'invalid_request_error' },
  not_found: { status: 404, type: 'not_found_error' },
}

/** Makes a refusal with a code of the gateway's own. */
export function refusal(code: RefusalCode, message: string, headers: readonly string[] = []): Refusal {
  const { status, type } = facts[code]
  return { status, code, body: JSON.stringify({ error: { message, type, code, param: null } }), headers }
}

/** Makes a refusal of an error of the pool. */
export function refusalFrom(error: KeyPoolError, headers: readonly string[] = []): Refusal {
  return { status: error.status, code: error.code, body: JSON.stringify(error.toBody()), headers }
}
