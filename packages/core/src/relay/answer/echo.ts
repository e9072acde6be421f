import type { Outcome } from '../../outcome/outcome.js'
import { readErrorBody } from '../../provider/error-body.js'
import { meaningOfNames } from '../../provider/error-names.js'
import type { Answer } from '../../provider/provider.js'
import type { Call } from '../request/call.js'

/** Statuses of requests that are wrong, whose messages may begin with a part of the request. */
const ofWrongRequests: ReadonlySet<number> = new Set([
  400, 404, 405, 406, 409, 411, 413, 414, 415, 416, 417, 422,
])

/** The beginning of a message that is looked for in the request. */
const echoLength = 24

/**
 * Acquits a key that only the caller's own words condemn: an error such as `<model> is not a valid model ID` begins
 * with what the request says. Names in the error's own fields are the upstream's, and are believed.
 */
export function withoutEcho(outcome: Outcome, answer: Answer, call: Pick<Call, 'body' | 'model'>): Outcome {
  const { status, fault, message } = outcome
  const blamesKey = fault === 'key' || fault === 'funds' || fault === 'disabled'
  if (!blamesKey || message === undefined) return outcome
  if (answer.status >= 300 && !ofWrongRequests.has(answer.status)) return outcome
  if (!isRepeated(message, call) || meaningOfNames(readErrorBody(answer.body).names) !== undefined)
    return outcome
  return {
    kind: 'rejected',
    fault: 'caller',
    message,
    ...(status === undefined ? {} : { status }),
    ...(outcome.code === undefined ? {} : { code: outcome.code }),
  }
}

function isRepeated(message: string, { body, model }: Pick<Call, 'body' | 'model'>): boolean {
  const start = message.slice(0, echoLength)
  if (model.includes(start)) return true
  if (body === null || !('bytes' in body)) return false
  const { bytes } = body
  const inJson = JSON.stringify(start).slice(1, -1)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(inJson)
}
