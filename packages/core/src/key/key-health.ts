import type { Outcome } from '../outcome/outcome.js'
import { invalidated, ready } from './account-health.js'

/** Why a secret cools down: the upstream refused it once, or keeps refusing its calls without a reason. */
export type KeyTrouble = 'refused' | 'failing'

/**
 * The condition of a secret, a circuit breaker; limits and money are its account's:
 * - `ready`: closed, the key may serve.
 * - `cooling`: open; a free request asks the upstream about the secret once `until` has come.
 * - `probing`: half-open: that request went well, and exactly one live request may try the key.
 * - `invalid`: refused for good; only a person or a check brings it back.
 *
 * `strikes` counts consecutive failures, as in `Cooldown`.
 */
export type KeyHealth =
  | { readonly status: 'ready' }
  | {
      readonly status: 'cooling'
      readonly trouble: KeyTrouble
      readonly until: number
      readonly reason: string
      readonly strikes: number
    }
  | { readonly status: 'probing'; readonly after: KeyTrouble; readonly strikes: number }
  | { readonly status: 'invalid'; readonly reason: string; readonly since: number }

const minute = 60_000
/** Cooldowns of keys whose refusal is not trusted, by strikes; the last one repeats. */
const refusedCooldownsMs = [minute, 10 * minute, 60 * minute] as const
const failingFirstMs = 10 * minute
const failingCeilingMs = 24 * 60 * minute

/** An attempt under a key that ended. */
export interface KeyEvidence {
  readonly outcome: Outcome
  readonly isTrial: boolean
  /** The upstream has accepted the key before: one refusal may be a mistake of the upstream's. */
  readonly wasAccepted: boolean
  /** False when the upstream is suspected, because it refuses one key after another with no success between. */
  readonly isTrusted: boolean
  /** Consecutive unexplained failures, this one included. */
  readonly consecutiveFailures: number
  /** As many of them open the circuit. */
  readonly failureThreshold: number
}

/** Whether the upstream refused the key without a reason: a bare 403, above all. */
export function isUnexplained({ fault, code }: Outcome): boolean {
  return fault === 'permission' && code === undefined
}

/** The health of a key after an attempt. Returns the same object when nothing changes. */
export function settleKey(health: KeyHealth, evidence: KeyEvidence, now: number): KeyHealth {
  const { outcome, isTrial } = evidence
  if (health.status === 'invalid' || health.status === 'cooling') return health
  // An attempt that began before the cooldown did shows nothing new.
  if (health.status === 'probing' && !isTrial) return health
  if (outcome.kind === 'success') return ready
  if (outcome.fault === 'key') return refuse(health, evidence, now)
  const strikes = health.status === 'probing' ? health.strikes + 1 : 1
  const isFailing =
    isUnexplained(outcome) &&
    (health.status === 'probing' || evidence.consecutiveFailures >= evidence.failureThreshold)
  if (!isFailing) return health
  const until = now + Math.min(failingFirstMs * 2 ** (strikes - 1), failingCeilingMs)
  return { status: 'cooling', trouble: 'failing', until, reason: wordsOf(outcome), strikes }
}

/** The health of a key that cools down, after a free request asked the upstream about it. */
export function settleProbe(
  health: KeyHealth,
  evidence: Pick<KeyEvidence, 'outcome' | 'isTrusted'>,
  now: number,
): KeyHealth {
  if (health.status !== 'cooling') return health
  const { outcome, isTrusted } = evidence
  const { trouble, strikes } = health
  if (outcome.kind === 'success') return { status: 'probing', after: trouble, strikes }
  if (outcome.fault !== 'key') return { ...health, until: now + minute }
  return isTrusted ? invalidated(outcome, now) : suspected(outcome, strikes + 1, now)
}

/** Half-opens a key whose cooldown is over, where no free request asks about it. */
export function endKeyCooldown(health: KeyHealth, now: number): KeyHealth {
  if (health.status !== 'cooling' || health.until > now) return health
  return { status: 'probing', after: health.trouble, strikes: health.strikes }
}

/** Moves a cooldown along with a clock that was set, so that it keeps its length. */
export function shiftedCooldown(health: KeyHealth, byMs: number): KeyHealth {
  return health.status === 'cooling' ? { ...health, until: health.until + byMs } : health
}

function refuse(health: KeyHealth, { outcome, wasAccepted, isTrusted }: KeyEvidence, now: number): KeyHealth {
  const strikes = health.status === 'probing' ? health.strikes + 1 : 1
  if (!isTrusted) return suspected(outcome, strikes, now)
  // A free request asks about it at once: a key that served until now may be refused by mistake.
  if (wasAccepted && health.status === 'ready')
    return { status: 'cooling', trouble: 'refused', until: now, reason: wordsOf(outcome), strikes: 0 }
  return invalidated(outcome, now)
}

/** The upstream is suspected: the key cools down, and is not refused for good. */
function suspected(outcome: Outcome, strikes: number, now: number): KeyHealth {
  const cooldownMs = refusedCooldownsMs[Math.min(strikes, refusedCooldownsMs.length) - 1] ?? minute
  return { status: 'cooling', trouble: 'refused', until: now + cooldownMs, reason: wordsOf(outcome), strikes }
}

const wordsOf = (outcome: Outcome): string => outcome.message ?? outcome.kind
