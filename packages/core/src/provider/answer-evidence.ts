import type { Meter } from '../outcome/meter.js'
import { readErrorBody } from './error-body.js'
import { namedMeter } from './named-meter.js'
import type { Answer } from './provider.js'
import { readRetryAfterMs } from './retry-after.js'

/** What an answer says of itself, read once for classification. */
export interface AnswerEvidence {
  readonly status: number
  readonly code: number | string | undefined
  readonly message: string | undefined
  /** Code and message stand in an `error` object, as OpenAI's do. */
  readonly hasErrorObject: boolean
  /** The names in the error's own fields: its code, type, status and reasons. */
  readonly names: readonly string[]
  /** The body is a web page, so it comes from a proxy or a firewall on the way and not from the API. */
  readonly isPage: boolean
  readonly meter: Meter | undefined
  readonly retryAfterMs: number | undefined
}

/** Reads what the status, the headers and the body of an answer say. */
export function readEvidence(answer: Answer): AnswerEvidence {
  const { code, message, hasErrorObject, names } = readErrorBody(answer.body)
  return {
    status: answer.status,
    code,
    message,
    hasErrorObject,
    names,
    isPage: answer.body.trimStart().startsWith('<'),
    meter: namedMeter(message),
    retryAfterMs: readRetryAfterMs(answer.headers, answer.receivedAt),
  }
}
