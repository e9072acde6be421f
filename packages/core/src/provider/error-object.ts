import { errorType } from '../errors.js'
import { isRecord } from '../wire/json.js'
import { readErrorBody } from './error-body.js'

/**
 * Adds an OpenAI `error` object to what the upstream sent. Undefined when the body has one already, or is not JSON.
 * OpenAI's SDKs drop JSON bodies without it and show "400 status code (no body)".
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
