import type { Meter } from '../outcome/meter.js'
import type { Fault, Outcome, OutcomeKind } from '../outcome/outcome.js'
import { readErrorBody, readMeter, readRetryAfterMs } from './error-body.js'
import type { Answer } from './provider.js'

/** An answer's evidence, read once. */
export interface Reading {
  readonly status: number
  readonly code: number | string | undefined
  readonly message: string | undefined
  /** The code and the message stood in an `error` object, as OpenAI's do. */
  readonly hasErrorObject: boolean
  /** A web page: the word of a proxy or a firewall on the way, not of the API. */
  readonly isPage: boolean
  readonly meter: Meter | undefined
  readonly retryAfterMs: number | undefined
}

/** What a status or a code stands for. */
export interface Meaning {
  readonly kind: OutcomeKind
  readonly fault?: Fault
  readonly meter?: Meter
  readonly accountWide?: boolean
}

export function readAnswer(answer: Answer): Reading {
  const { code, message, hasErrorObject } = readErrorBody(answer.body)
  return {
    status: answer.status,
    code,
    message,
    hasErrorObject,
    isPage: answer.body.trimStart().startsWith('<'),
    meter: readMeter(message),
    retryAfterMs: readRetryAfterMs(answer.headers),
  }
}

const success: Meaning = { kind: 'success' }

/** Statuses from 500 up of calls that surely did not run. Any other may have, and repeating it can cost twice. */
const turnedAway = new Set([501, 503, 521, 522, 523, 529])

const mayHaveRun = (status: number): boolean =>
  status === 408 || status === 499 || (status >= 500 && !turnedAway.has(status))

/**
 * Builds the outcome of an answer: by the meaning that the provider's table gives it, else by its status. Anything
 * unknown from 500 up is the upstream's, below it the caller's.
 */
export function classifyByStatus(
  reading: Reading,
  { kind, fault, ...more }: Meaning = meaningOfStatus(reading),
): Outcome {
  const { status, code, message, retryAfterMs } = reading
  if (kind === 'success') return { kind, status }
  const meter = more.meter ?? (fault === 'limit' ? reading.meter : undefined)
  const against = fault === 'caller' ? mistakeOf(reading) : undefined
  return {
    kind,
    status,
    ...(fault === undefined ? {} : { fault }),
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
    ...(against === undefined ? {} : { against }),
    ...(more.accountWide === true ? { accountWide: true } : {}),
    ...(meter === undefined ? {} : { meter }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(mayHaveRun(status) ? { maybeRan: true } : {}),
  }
}

const tooLong =
  /\bmax_seq_len\b|\bmax_prompt_tokens\b|maximum context length|context (?:length|window)|prompt is too long|must have less than \d+ tokens/i

/** Mistakes of the caller that another model may not mind. SiliconFlow's 20021 is its word for 451. */
function mistakeOf({ status, code, message = '' }: Reading): Outcome['against'] {
  if (code === 'context_length_exceeded' || tooLong.test(message)) return 'context'
  const isOffence = code === 'content_policy_violation' || code === 'content_filter' || code === 20_021
  return isOffence || status === 451 ? 'content' : undefined
}

function meaningOfStatus({ status, isPage }: Reading): Meaning {
  if (status < 300 || status === 304) return success
  if (status === 401) return { kind: 'unauthorized', fault: 'key' }
  if (status === 402) return { kind: 'insufficient-balance', fault: 'funds' }
  // A firewall that bars our address bars it for every key.
  if (status === 403 && isPage) return { kind: 'upstream-error', fault: 'ip-block' }
  if (status === 403) return { kind: 'rejected', fault: 'permission' }
  if (status === 429) return { kind: 'rate-limited', fault: 'limit' }
  if (status === 408 || status === 499 || status >= 500) return { kind: 'upstream-error', fault: 'overload' }
  return { kind: 'rejected', fault: 'caller' }
}
