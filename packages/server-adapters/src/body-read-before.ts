import type { IncomingMessage } from 'node:http'
import { ConfigError } from '@sfpool/core'

/** A request as body parsers leave it. */
export interface ParsedRequest extends IncomingMessage {
  readonly body?: unknown
  /** Where `verify` hooks of body parsers and some hosting platforms keep the original bytes. */
  readonly rawBody?: unknown
}

/**
 * Restores the bytes of a body that a parser of the app has read: the original bytes where the app kept them, else new
 * ones in the format of the content type. Returns an error where the new ones could differ from what the client meant.
 */
export function bodyReadBefore(request: ParsedRequest): Uint8Array | ConfigError {
  const { body, rawBody, headers } = request
  if (rawBody instanceof Uint8Array) return rawBody
  if (body instanceof Uint8Array) return body
  const type = headers['content-type']?.toLowerCase() ?? ''
  if (body === undefined || type.startsWith('multipart/')) return lostBody(type)
  const encoding = /charset="?(?:utf-?16|ucs-?2)/.test(type)
    ? 'utf16le'
    : /charset="?(?:iso-8859-1|latin-?1)/.test(type)
      ? 'latin1'
      : 'utf8'
  if (type.startsWith('application/x-www-form-urlencoded') && typeof body === 'object') {
    return Buffer.from(formText(body), encoding)
  }
  if (typeof body === 'string' && !(type.includes('json') && !isJson(body)))
    return Buffer.from(body, encoding)
  return Buffer.from(JSON.stringify(body), encoding)
}

function lostBody(type: string): ConfigError {
  return new ConfigError(
    'body',
    'was read before it reached the key pool and cannot be sent on as it was: mount the pool before body parsers, or keep the bytes in request.rawBody',
    type === '' ? 'a body without content type' : type,
  )
}

/** Whether a text is JSON and stays as it is. A JSON string without its quotes, as parsers leave it, is not. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Writes fields in the notation of `qs`: lists repeat their name, nested fields use brackets. */
function formText(fields: object | null): string {
  const params = new URLSearchParams()
  const append = (name: string, value: unknown): void => {
    if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) {
      for (const item of value) params.append(name, String(item))
    } else if (typeof value === 'object' && value !== null) {
      for (const [inner, item] of Object.entries(value)) append(`${name}[${inner}]`, item)
    } else params.append(name, String(value ?? ''))
  }
  for (const [name, value] of Object.entries(fields ?? {})) append(name, value)
  return params.toString()
}
