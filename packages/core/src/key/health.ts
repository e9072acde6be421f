import type { Outcome } from './outcome.js'

/**
 * The condition of an account as a whole:
 * - `ready`: nothing stands against it.
 * - `cooling`: the upstream closed it for every model until a known time.
 * - `exhausted`: no money; `until` is when one live trial may ask again.
 * - `probing`: a rest is over and exactly one request may try; its outcome decides.
 * - `invalid`: refused for good; only a person or a check brings it back.
 */
export type Health =
  | { readonly status: 'ready' }
  | { readonly status: 'cooling'; readonly until: number; readonly reason: string; readonly strikes: number }
  | {
      readonly status: 'exhausted'
      readonly until: number
      readonly funds: 'any' | 'charged'
      readonly strikes: number
    }
  | { readonly status: 'probing'; readonly after: 'cooling' | 'exhausted'; readonly strikes: number }
  | { readonly status: 'invalid'; readonly reason: string; readonly since: number }

/** The condition of a secret: accepted, or refused for good. Limits and money are its account's. */
export type KeyHealth = Extract<Health, { status: 'ready' | 'invalid' }>

export const ready: KeyHealth & { readonly status: 'ready' } = Object.freeze({ status: 'ready' })

const minute = 60_000
const hour = 60 * minute
/** One trial call after half an hour finds a top-up soon; doubling to a day keeps dead accounts quiet. */
const exhaustedFirstMs = 30 * minute
const exhaustedCeilingMs = 24 * hour

/** Where an outcome leaves its record: on the key, on the account, on (account, model), or nowhere. */
export function subjectOf(outcome: Outcome): 'key' | 'account' | 'account-model' | 'none' {
  switch (outcome.fault) {
    case 'key':
      return 'key'
    case 'funds':
    case 'disabled':
      return 'account'
    case 'caller':
    case 'model':
    case undefined:
      return 'none'
    case 'network':
      // A call that never left tells nothing about its key, and neither does the end of the time for all attempts.
      return outcome.maybeRan === true && outcome.phase !== 'total' ? 'account-model' : 'none'
    default:
      return outcome.accountWide === true ? 'account' : 'account-model'
  }
}

/** Refused for good, for the reason that the outcome gives. */
export function refused(outcome: Outcome, now: number): KeyHealth {
  return { status: 'invalid', reason: outcome.message ?? outcome.kind, since: now }
}

/**
 * The next health of an account after the outcome of a trial, or of any other attempt. Returns the same object when
 * nothing changes.
 */
export function settle(health: Health, ended: { outcome: Outcome; isTrial: boolean }, now: number): Health {
  const { outcome, isTrial } = ended
  if (health.status === 'invalid') return health
  if (outcome.fault === 'disabled') return refused(outcome, now)
  // An account on trial is judged by the trial: the others began before the rest did and tell nothing new.
  if (health.status === 'probing' && !isTrial) return health
  if (outcome.kind === 'success') return health.status === 'probing' ? ready : health
  return outcome.fault === 'funds' ? exhaust(health, outcome.funds ?? 'any', now) : health
}

/** A rest that is over turns into a trial; anything else stays as it is. */
export function wake(health: Health, now: number): Health {
  if (!isTimed(health) || health.until > now) return health
  return { status: 'probing', after: health.status, strikes: health.strikes }
}

/** Whether the health has an end of its own. */
export function isTimed(health: Health): health is Extract<Health, { until: number }> {
  return health.status === 'cooling' || health.status === 'exhausted'
}

/** The account rests on every model until the given time (an unverified user's daily quota, for one). */
export function restUntil(health: Health, until: number, reason: string): Health {
  if (health.status === 'invalid' || health.status === 'exhausted') return health
  if (health.status === 'cooling' && health.until >= until) return health
  return { status: 'cooling', until, reason, strikes: health.status === 'probing' ? health.strikes + 1 : 1 }
}

function exhaust(health: Health, funds: 'any' | 'charged', now: number): Health {
  if (health.status === 'exhausted') return health
  const strikes = health.status === 'probing' && health.after === 'exhausted' ? health.strikes + 1 : 1
  const lengthMs = Math.min(exhaustedFirstMs * 2 ** (strikes - 1), exhaustedCeilingMs)
  return { status: 'exhausted', until: now + lengthMs, funds, strikes }
}
