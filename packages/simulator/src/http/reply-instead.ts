import type { ApiError } from '../errors/api-error.js'
import { type ErrorName, errorSamples } from '../errors/error-samples.js'
import type { AnswerFault, OutcomeFault } from '../faults/fault.js'
import { jsonType, type WholeReply } from '../reply/reply.js'
import type { Call } from './call.js'

/** The answer that takes the place of the call, which then does not run. */
export function replyInstead(
  fault: OutcomeFault | undefined,
  { json, steering }: Call,
): WholeReply | undefined {
  switch (fault?.kind) {
    case 'error':
      return { ...errorReply(fault.name), ...(fault.status === undefined ? {} : { status: fault.status }) }
    case 'error-event':
      if (asksForStream(json)) break
      return { ...errorReply(fault.name), status: 200 }
    case 'answer':
      return customReply(fault)
    case 'reset':
    case 'close':
    case 'hang':
      // It will never be sent; the call may have run all the same.
      if (fault.at === 'before-headers' && fault.executed !== true) return errorReply('internal-error')
      break
    default:
  }
  return steering.error === undefined ? undefined : errorReply(steering.error)
}

export function errorReply(name: ErrorName): WholeReply {
  const { status, contentType, body } = errorSamples[name]
  return { kind: 'whole', status, contentType, body }
}

export function refusalReply({ sample, headers }: ApiError): WholeReply {
  const { status, contentType, body } = sample
  return { kind: 'whole', status, contentType, headers, body }
}

function asksForStream(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'stream' in json && json.stream === true
}

function customReply({ status, headers = {}, body = '' }: AnswerFault): WholeReply {
  const isText = typeof body === 'string'
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  const { 'content-type': contentType = isText ? 'text/plain; charset=utf-8' : jsonType, ...rest } =
    Object.fromEntries(named)
  return { kind: 'whole', status, contentType, headers: rest, body: isText ? body : JSON.stringify(body) }
}
