import type { ApiError } from '../errors/api-error.js'
import { type ErrorName, errorSamples } from '../errors/error-samples.js'
import type { AnswerFault, ErrorFault, OutcomeFault } from '../faults/fault.js'
import { json, jsonType, type WholeReply } from '../reply/reply.js'
import type { Call } from './call.js'

/** Returns the answer that replaces the call, which then does not run; undefined when the call runs. */
export function replacementReply({ fault, json: body, overrides }: Call): WholeReply | undefined {
  if (overrides.problem !== undefined) return json({ error: { message: overrides.problem } }, { status: 400 })
  switch (fault?.kind) {
    case 'error':
      return namedError(fault)
    case 'error-event':
      if (asksForStream(body)) break
      return { ...errorReply(fault.name), status: 200 }
    case 'answer':
      return customReply(fault)
    case 'reset':
    case 'close':
    case 'hang':
      if (fault.at === 'before-headers' && fault.executed !== true) return neverSent
      break
    default:
  }
  return overrides.error === undefined ? undefined : errorReply(overrides.error)
}

/** Returns the answer to a request whose body is never read. */
export function replyBeforeBody(fault: OutcomeFault): WholeReply {
  if (fault.kind === 'error') return namedError(fault)
  return fault.kind === 'answer' ? customReply(fault) : neverSent
}

function namedError({ name, status }: ErrorFault): WholeReply {
  return { ...errorReply(name), ...(status === undefined ? {} : { status }) }
}

export function errorReply(name: ErrorName): WholeReply {
  const { status, contentType, body } = errorSamples[name]
  return { kind: 'whole', status, contentType, body }
}

export function refusalReply({ sample, headers }: ApiError): WholeReply {
  const { status, contentType, body } = sample
  return { kind: 'whole', status, contentType, headers, body }
}

/** A placeholder for the answer when a fault comes before the headers. */
const neverSent: WholeReply = errorReply('internal-error')

function asksForStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'stream' in body && body.stream === true
}

function customReply({ status, headers = {}, body = '' }: AnswerFault): WholeReply {
  const isText = typeof body === 'string'
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  const { 'content-type': contentType = isText ? 'text/plain; charset=utf-8' : jsonType, ...rest } =
    Object.fromEntries(named)
  return { kind: 'whole', status, contentType, headers: rest, body: isText ? body : JSON.stringify(body) }
}
