import { errorType, type KeyPoolError } from '../errors.js'
import { readErrorBody } from '../provider/error-body.js'
import { withErrorObject } from '../provider/error-object.js'
import type { Route } from '../provider/provider.js'
import { parseJson } from '../wire/json.js'

/**
 * Encodes an error of the pool as the event that ends a broken stream, in the shape that the route's clients raise as
 * an error: Anthropic's for messages, that of OpenAI's responses for responses, and OpenAI's for every other route.
 */
export function encodeError(error: KeyPoolError, route: Route): Buffer {
  if (isAnthropic(route)) return anthropicEvent('api_error', error.message)
  if (isResponses(route)) return responsesEvent(error.toBody())
  return Buffer.from(`data: ${JSON.stringify(error.toBody())}\n\n`)
}

/** Encodes an upstream's error answer as such an event, for a client whose stream has begun under another status. */
export function encodeErrorReply(status: number, body: string, route: Route): Buffer {
  const { json, message = `HTTP ${status}` } = readErrorBody(body)
  if (isAnthropic(route)) {
    const isReady = (json as { type?: unknown } | null | undefined)?.type === 'error'
    return isReady ? namedError(json) : anthropicEvent(anthropicType(status), message)
  }
  const whole = parseJson(withErrorObject(body, status) ?? body)
  const hasError = typeof whole === 'object' && whole !== null && 'error' in whole
  const error = { message, type: errorType(status), code: null, param: null }
  const event = hasError ? whole : { error }
  return isResponses(route) ? responsesEvent(event) : Buffer.from(`data: ${JSON.stringify(event)}\n\n`)
}

const isResponses = ({ name }: Route): boolean => name === 'responses'

/**
 * The error event of a stream of responses. Its clients look for the type, and some for the members beside it; OpenAI's
 * own SDKs raise whatever has an `error`.
 */
function responsesEvent(body: object): Buffer {
  const { error } = body as { error?: unknown }
  const { message, code = null, param = null } = (error ?? {}) as Record<string, unknown>
  return namedError({ type: 'error', code, message, param, sequence_number: 0, ...body })
}

const isAnthropic = ({ name }: Route): boolean => name === 'messages'

const anthropicEvent = (type: string, message: string): Buffer =>
  namedError({ type: 'error', error: { type, message } })

const namedError = (data: unknown): Buffer => Buffer.from(`event: error\ndata: ${JSON.stringify(data)}\n\n`)

/** The type that Anthropic gives to errors of a status. */
function anthropicType(status: number): string {
  if (status === 413) return 'request_too_large'
  if (status === 402) return 'billing_error'
  if (status === 503 || status === 529) return 'overloaded_error'
  const type = errorType(status)
  return type === 'server_error' ? 'api_error' : type
}
