import type { Outcome } from '../outcome/outcome.js'
import { invalidated, ready } from './account-health.js'

/** Why a secret rests: the upstream refused it once, or answered in ways that nobody can explain. */
export type KeyTrouble = 'refused' | 'failing'

/**
 * The condition of a secret; limits and money are its account's:
 * - `ready`: nothing stands against it.
 * - `cooling`: in trouble; a free request asks the upstream about it once `until` has come.
 * - `probing`: that request went well, and exactly one live request may try.
 * - `invalid`: refused for good; only a person or a check brings it back.
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
/** Rests of keys whose refusal is doubted, by strikes; the last one repeats. */
const refusedRestsMs = [minute, 10 * minute, 60 * minute] as const
const failingFirstMs = 10 * minute
const failingCeilingMs = 24 * 60 * minute

/** An attempt under a key that ended. */
export interface KeyEvidence {
  readonly outcome: Outcome
  readonly isTrial: boolean
  /** The upstream has accepted the key before: one refusal may be its own mistake. */
  readonly wasAccepted: boolean
  /** False when keys are refused one after another with no success between: then the upstream is suspected. */
  readonly isTrusted: boolean
  /** Unexplained failures in a row, this one included. */
  readonly consecutiveFailures: number
  /** How many of those open the circuit. */
  readonly failureThreshold: number
}

/** Faults blamed on the key without a word that explains them: a bare 403, above all. */
export function isUnexplained({ fault, code }: Outcome): boolean {
  return fault === 'permission' && code === undefined
}

/** The next health of a key after an attempt. Returns the same object when nothing changes. */
export function settleKey(health: KeyHealth, verdict: KeyEvidence, now: number): KeyHealth {
  const { outcome, isTrial } = verdict
  if (health.status === 'invalid' || health.status === 'cooling') return health
  // Who began before the rest did tells nothing new.
  if (health.status === 'probing' && !isTrial) return health
  if (outcome.kind === 'success') return ready
  if (outcome.fault === 'key') return refuse(health, verdict, now)
  const strikes = health.status === 'probing' ? health.strikes + 1 : 1
  const isFailing =
    isUnexplained(outcome) &&
    (health.status === 'probing' || verdict.consecutiveFailures >= verdict.failureThreshold)
  if (!isFailing) return health
  const until = now + Math.min(failingFirstMs * 2 ** (strikes - 1), failingCeilingMs)
  return { status: 'cooling', trouble: 'failing', until, reason: wordsOf(outcome), strikes }
}

/** What the free request found out about a key that rests. */
export function settleProbe(
  health: KeyHealth,
  answer: { readonly outcome: Outcome; readonly isTrusted: boolean },
  now: number,
): KeyHealth {
  if (health.status !== 'cooling') return health
  const { outcome, isTrusted } = answer
  const { trouble, strikes } = health
  if (outcome.kind === 'success') return { status: 'probing', after: trouble, strikes }
  if (outcome.fault !== 'key') return { ...health, until: now + minute }
  return isTrusted ? invalidated(outcome, now) : doubted(outcome, strikes + 1, now)
}

/** The rest of a key is over, and nobody is there to ask about it: one live request will. */
export function endKeyCooldown(health: KeyHealth, now: number): KeyHealth {
  if (health.status !== 'cooling' || health.until > now) return health
  return { status: 'probing', after: health.trouble, strikes: health.strikes }
}

/** Moves a rest along with a clock that was set forth or back, so that it keeps its length. */
export function shiftedCooldown(health: KeyHealth, byMs: number): KeyHealth {
  return health.status === 'cooling' ? { ...health, until: health.until + byMs } : health
}

function refuse(health: KeyHealth, { outcome, wasAccepted, isTrusted }: KeyEvidence, now: number): KeyHealth {
  const strikes = health.status === 'probing' ? health.strikes + 1 : 1
  if (!isTrusted) return doubted(outcome, strikes, now)
  // It is asked about at once: a key that served until now deserves a second opinion.
  if (wasAccepted && health.status === 'ready')
    return { status: 'cooling', trouble: 'refused', until: now, reason: wordsOf(outcome), strikes: 0 }
  return invalidated(outcome, now)
}

function doubted(outcome: Outcome, strikes: number, now: number): KeyHealth {
  const restMs = refusedRestsMs[Math.min(strikes, refusedRestsMs.length) - 1] ?? minute
  return { status: 'cooling', trouble: 'refused', until: now + restMs, reason: wordsOf(outcome), strikes }
}

const wordsOf = (outcome: Outcome): string => outcome.message ?? outcome.kind
