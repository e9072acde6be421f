import type { Outcome } from '../../outcome/outcome.js'
import { readErrorBody } from '../../provider/error-body.js'
import type { Answer, Provider } from '../../provider/provider.js'

/** The statuses that go with the types of errors which OpenAI and Anthropic name. */
const statusOfType: ReadonlyMap<unknown, number> = new Map([
  ['invalid_request_error', 400],
  ['authentication_error', 401],
  ['insufficient_quota', 402],
  ['billing_error', 402],
  ['permission_error', 403],
  ['not_found_error', 404],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['rate_limit_exceeded', 429],
])

/** For errors that do not say what they are about: the upstream turned the call away. */
const unknownStatus = 503

/**
 * Judges a body that reports a failure under a status of success, as every upstream's may: by the provider's own rules
 * for such bodies, or else as if the status were the one that fits.
 */
export function outcomeOfHiddenFailure(provider: Provider, answer: Answer): Outcome {
  const judged = provider.classify(answer)
  if (judged.kind !== 'success') return judged
  const { status } = answer
  const outcome = provider.classify({ ...answer, status: statusFor(answer.body) })
  if (outcome.kind === 'success') return { kind: 'upstream-error', fault: 'overload', status }
  return { ...outcome, status }
}

function statusFor(body: string): number {
  const { json, code } = readErrorBody(body)
  const { error } = (json ?? {}) as { error?: unknown }
  const { type } = (error ?? {}) as { type?: unknown }
  return statusOfType.get(type) ?? statusOfType.get(code) ?? unknownStatus
}
