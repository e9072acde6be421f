import type { Outcome } from '../outcome/outcome.js'
import { revealSecret, type Secret } from './secret.js'

/** The outcome with a mask where its message repeats the secret, as some upstreams do. */
export function withoutSecret(outcome: Outcome, secret: Secret): Outcome {
  const token = revealSecret(secret)
  if (outcome.message?.includes(token) !== true) return outcome
  return { ...outcome, message: outcome.message.replaceAll(token, secret.mask) }
}
