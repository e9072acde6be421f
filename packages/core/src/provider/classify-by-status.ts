import type { Meter } from '../outcome/meter.js'
import type { Fault, Outcome, OutcomeKind } from '../outcome/outcome.js'
import type { AnswerEvidence } from './answer-evidence.js'

/** What a status or a code means for the outcome. */
export interface AnswerMeaning {
  readonly kind: OutcomeKind
  readonly fault?: Fault
  readonly meter?: Meter
  readonly accountWide?: boolean
}

const success: AnswerMeaning = { kind: 'success' }

/** Statuses from 500 up that prove that the call did not run. A call with another one may have run, and cost money. */
const refused = new Set([501, 503, 521, 522, 523, 529])

/** Whoever turns the key or its account away has run nothing, whatever the status. */
const isRefusal = (fault: Fault | undefined): boolean =>
  fault === 'key' || fault === 'funds' || fault === 'disabled' || fault === 'limit'

const mayHaveRun = (status: number): boolean =>
  status === 408 || status === 499 || (status >= 500 && !refused.has(status))

/**
 * Builds the outcome of an answer: by the meaning that the provider's table gives it, else by its status. An unknown
 * status from 500 up is the upstream's fault, one below it the caller's.
 */
export function classifyByStatus(
  evidence: AnswerEvidence,
  { kind, fault, ...more }: AnswerMeaning = meaningOfStatus(evidence),
): Outcome {
  const { status, code, message, retryAfterMs } = evidence
  if (kind === 'success') return { kind, status }
  const meter = more.meter ?? (fault === 'limit' ? evidence.meter : undefined)
  const against = fault === 'caller' ? brokenRule(evidence) : undefined
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
    ...(mayHaveRun(status) && !isRefusal(fault) ? { maybeRan: true } : {}),
  }
}

const tooLong =
  /\bmax_seq_len\b|\bmax_prompt_tokens\b|maximum context length|context (?:length|window)|prompt is too long|must have less than \d+ tokens/i

/** OpenAI's and Azure's, Alibaba's, Volcengine's. */
const contentCodes: ReadonlySet<string> = new Set([
  'content_policy_violation',
  'content_filter',
  'data_inspection_failed',
  'DataInspectionFailed',
  'SensitiveContentDetected',
])

/**
 * The rule of the model that the caller's request breaks: its context length or its content policy. Another model may
 * accept the request. SiliconFlow's 20021 and Zhipu's 1301 mean the same as a status of 451.
 */
function brokenRule({ status, code, message = '' }: AnswerEvidence): Outcome['against'] {
  if (code === 'context_length_exceeded' || tooLong.test(message)) return 'context'
  const isRefusedContent =
    typeof code === 'string' ? contentCodes.has(code) : code === 20_021 || code === 1_301
  return isRefusedContent || status === 451 ? 'content' : undefined
}

function meaningOfStatus({ status, isPage }: AnswerEvidence): AnswerMeaning {
  if (status < 300 || status === 304) return success
  if (status === 401) return { kind: 'unauthorized', fault: 'key' }
  if (status === 402) return { kind: 'insufficient-balance', fault: 'funds' }
  // A firewall that blocks our address blocks it for every key.
  if (status === 403 && isPage) return { kind: 'upstream-error', fault: 'ip-block' }
  if (status === 403) return { kind: 'rejected', fault: 'permission' }
  if (status === 429) return { kind: 'rate-limited', fault: 'limit' }
  if (status === 408 || status === 499 || status >= 500) return { kind: 'upstream-error', fault: 'overload' }
  return { kind: 'rejected', fault: 'caller' }
}
