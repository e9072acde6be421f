import type { Outcome } from '../../outcome/outcome.js'
import { readErrorBody } from '../../provider/error-body.js'
import type { Answer, Provider } from '../../provider/provider.js'

/** The status that belongs to each type of error of OpenAI and Anthropic. */
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

/** The status for an error of unknown type: the upstream turned the call away. */
const unknownStatus = 503

/**
 * Classifies a body that reports a failure under a status of success, which any upstream may send: by the provider's
 * own rules for such bodies, or else by the status that belongs to the error's type.
 */
export function outcomeOfHiddenFailure(provider: Provider, answer: Answer): Outcome {
  const classified = provider.classify(answer)
  if (classified.kind !== 'success') return classified
  const { status } = answer
  const outcome = provider.classify({ ...answer, status: statusFor(answer.body) })
  if (outcome.kind === 'success') return { kind: 'upstream-error', fault: 'overload', status }
  return { ...outcome, status }
}

function statusFor(body: string): number {
  const { json, code } = readErrorBody(body)
  const { error } = (json ?? {}) as { error?: unknown }
  const { type } = (error ?? {}) as { type?: unknown }
  // Many APIs put the status that they mean into the code.
  const said = typeof code === 'number' && code >= 400 && code <= 599 ? code : undefined
  const byName = statusOfType.get(type) ?? statusOfType.get(code)
  return byName ?? said ?? (isCallersCode(code) ? 400 : unknownStatus)
}

/** The codes of a failed response that blame the request: `invalid_prompt`, `invalid_image_format`, and so on. */
const isCallersCode = (code: unknown): boolean =>
  typeof code === 'string' && /^invalid_(?!api_key)/.test(code)
