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
const coolingFirstMs = hour
const coolingCeilingMs = 24 * hour

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
    default:
      return 'account-model'
  }
}

/** The next health of the subject of an outcome. Returns the same object when nothing changes. */
export function settle(health: Health, outcome: Outcome, now: number): Health {
  if (outcome.kind === 'success') return health.status === 'invalid' ? health : ready
  switch (outcome.fault) {
    case 'key':
    case 'disabled':
      return health.status === 'invalid'
        ? health
        : { status: 'invalid', reason: outcome.message ?? outcome.kind, since: now }
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

/** A trial that ended without telling anything (the client left, the network failed) is offered again. */
export function isRestingHealth(health: Health): health is Extract<Health, { until: number }> {
  return health.status === 'cooling' || health.status === 'exhausted'
}

/** The account is closed for every model until the given time (an unverified user's daily quota, for one). */
export function closeUntil(health: Health, reason: string, until: number | undefined, now: number): Health {
  if (health.status === 'invalid' || health.status === 'exhausted') return health
  const strikes = health.status === 'ready' ? 1 : health.strikes + 1
  const lengthMs = Math.min(coolingFirstMs * 2 ** (strikes - 1), coolingCeilingMs)
  const end = Math.min(until ?? now + lengthMs, now + coolingCeilingMs)
  return health.status === 'cooling' && health.until >= end
    ? health
    : { status: 'cooling', until: end, reason, strikes }
}

function exhaust(health: Health, funds: 'any' | 'charged', now: number): Health {
  if (health.status === 'invalid' || health.status === 'exhausted') return health
  const strikes = health.status === 'probing' && health.after === 'exhausted' ? health.strikes + 1 : 1
  const lengthMs = Math.min(exhaustedFirstMs * 2 ** (strikes - 1), exhaustedCeilingMs)
  return { status: 'exhausted', until: now + lengthMs, funds, strikes }
}
