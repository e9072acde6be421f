import type { Meter } from '../key/meter.js'
import type { Fault, Outcome, OutcomeKind } from '../key/outcome.js'
import { readErrorBody, readMeter, readRetryAfterMs } from './error-body.js'
import type { Answer } from './provider.js'

/** An answer's evidence, read once. */
export interface Reading {
  readonly status: number
  readonly code: number | string | undefined
  readonly message: string | undefined
  readonly meter: Meter | undefined
  readonly retryAfterMs: number | undefined
}

export function readAnswer(answer: Answer): Reading {
  const { code, message } = readErrorBody(answer.body)
  return {
    status: answer.status,
    code,
    message,
    meter: readMeter(message),
    retryAfterMs: readRetryAfterMs(answer.headers),
  }
}

/** What the status alone says. Anything unknown from 500 up is the upstream's, below it the caller's. */
function meaningOfStatus(status: number): { kind: OutcomeKind; fault?: Fault } {
  if (status < 400) return { kind: 'success' }
  if (status === 401) return { kind: 'unauthorized', fault: 'key' }
  if (status === 402) return { kind: 'insufficient-balance', fault: 'funds' }
  if (status === 403) return { kind: 'rejected', fault: 'permission' }
  if (status === 429) return { kind: 'rate-limited', fault: 'limit' }
  if (status === 408 || status === 499 || status >= 500) return { kind: 'upstream-error', fault: 'overload' }
  return { kind: 'rejected', fault: 'caller' }
}

/** Statuses of calls that may have run before they failed: repeating those can cost twice. */
const mayHaveRun = new Set([408, 499, 500, 502, 504])

/** Builds the outcome of an answer: the given meaning where the provider's table had one, else the status's. */
export function classifyByStatus(
  reading: Reading,
  meaning: { kind: OutcomeKind; fault?: Fault; meter?: Meter; accountWide?: boolean } = meaningOfStatus(
    reading.status,
  ),
): Outcome {
  const meter = meaning.meter ?? (meaning.fault === 'limit' ? reading.meter : undefined)
  return {
    kind: meaning.kind,
    status: reading.status,
    ...(meaning.fault === undefined ? {} : { fault: meaning.fault }),
    ...(reading.code === undefined ? {} : { code: reading.code }),
    ...(reading.message === undefined ? {} : { message: reading.message }),
    ...(meaning.accountWide === true ? { accountWide: true } : {}),
    ...(meter === undefined ? {} : { meter }),
    ...(reading.retryAfterMs === undefined ? {} : { retryAfterMs: reading.retryAfterMs }),
    ...(mayHaveRun.has(reading.status) ? { maybeRan: true } : {}),
  }
}
