import type { Outcome } from './outcome.js'

/**
 * The condition of a key's secret, or of an account as a whole. Both move through the same states:
 * - `ready`: nothing stands against it.
 * - `cooling`: the upstream closed the account for every model until a known time.
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

export const ready: Health = Object.freeze({ status: 'ready' })

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
      // A call that never left cannot tell anything about the key it would have carried.
      return outcome.maybeRan === true ? 'account-model' : 'none'
    default:
      return outcome.accountWide === true ? 'account' : 'account-model'
  }
}

/** The next health of the subject of an outcome. Returns the same object when nothing changes. */
export function settle(health: Health, outcome: Outcome, now: number): Health {
  // Only a trial's success says something new: the others began before the rest did.
  if (outcome.kind === 'success') return health.status === 'probing' ? ready : health
  switch (outcome.fault) {
    case 'key':
    case 'disabled':
      if (health.status === 'invalid') return health
      return { status: 'invalid', reason: outcome.message ?? outcome.kind, since: now }
    case 'funds':
      return exhaust(health, outcome.funds ?? 'any', now)
    default:
      return health
  }
}

/** A rest that is over turns into a trial; anything else stays as it is. */
export function wake(health: Health, now: number): Health {
  if (health.status !== 'cooling' && health.status !== 'exhausted') return health
  return health.until > now ? health : { status: 'probing', after: health.status, strikes: health.strikes }
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
  if (health.status === 'invalid' || health.status === 'exhausted') return health
  const strikes = health.status === 'probing' && health.after === 'exhausted' ? health.strikes + 1 : 1
  const lengthMs = Math.min(exhaustedFirstMs * 2 ** (strikes - 1), exhaustedCeilingMs)
  return { status: 'exhausted', until: now + lengthMs, funds, strikes }
}
