import type { Outcome } from '../outcome/outcome.js'
import { maskOf, type Secret } from './secret.js'
import type { SecretMask } from './secret-mask.js'

/** The outcome with a mask where its words or its code repeat the secret, as some upstreams do. */
export function withoutSecret(outcome: Outcome, secret: Secret): Outcome {
  const { message, code } = outcome
  if (message === undefined && typeof code !== 'string') return outcome
  return maskedOutcome(outcome, maskOf(secret))
}

/** The outcome with its words and its code masked. */
export function maskedOutcome(outcome: Outcome, mask: SecretMask): Outcome {
  const message = outcome.message === undefined ? undefined : mask.apply(outcome.message)
  const code = typeof outcome.code === 'string' ? mask.apply(outcome.code) : outcome.code
  if (message === outcome.message && code === outcome.code) return outcome
  return {
    ...outcome,
    ...(message === undefined ? {} : { message }),
    ...(code === undefined ? {} : { code }),
  }
}
