import { blocks, type LackingFunds, type NeededFunds } from '../money/funds.js'
import type { Outcome } from '../outcome/outcome.js'

/**
 * The condition of an account as a whole:
 * - `ready`: nothing stands against it.
 * - `cooling`: the upstream closed it for every model until a known time.
 * - `exhausted`: no money of a kind; `until` is when one live trial may ask again.
 * - `probing`: a rest is over and exactly one request may try; its outcome decides.
 * - `invalid`: refused for good; only a person or a check brings it back.
 */
export type Health =
  | { readonly status: 'ready' }
  | { readonly status: 'cooling'; readonly until: number; readonly reason: string; readonly strikes: number }
  | {
      readonly status: 'exhausted'
      readonly until: number
      readonly funds: LackingFunds
      readonly strikes: number
    }
  | { readonly status: 'probing'; readonly after: 'cooling'; readonly strikes: number }
  | {
      readonly status: 'probing'
      readonly after: 'exhausted'
      readonly funds: LackingFunds
      readonly strikes: number
    }
  | { readonly status: 'invalid'; readonly reason: string; readonly since: number }

export const ready: { readonly status: 'ready' } = Object.freeze({ status: 'ready' })

const minute = 60_000
const hour = 60 * minute
/** One trial call after half an hour finds a top-up soon; doubling to a day keeps dead accounts quiet. */
const exhaustedFirstMs = 30 * minute
const exhaustedCeilingMs = 24 * hour
/** Rests after refusals that nobody quite believes, because every key is refused alike. */
const doubtedFirstMs = minute
const doubtedCeilingMs = 30 * minute

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
export function invalidated(outcome: Outcome, now: number): Extract<Health, { status: 'invalid' }> {
  return { status: 'invalid', reason: outcome.message ?? outcome.kind, since: now }
}

/** An attempt that ended, as far as the health of its account depends on it. */
export interface AccountEvidence {
  readonly outcome: Outcome
  /** It was the trial of an account that is probing. */
  readonly isTrial: boolean
  /** What its model costs. */
  readonly needs: NeededFunds
  /** False when accounts are refused one after another with no success between: then the upstream is suspected. */
  readonly isTrusted: boolean
}

/**
 * The next health of an account after the outcome of a trial, or of any other attempt. Returns the same object when
 * nothing changes.
 */
export function settleAccount(health: Health, verdict: AccountEvidence, now: number): Health {
  const { outcome, isTrial, isTrusted } = verdict
  if (health.status === 'invalid') return health
  if (outcome.fault === 'disabled') return isTrusted ? invalidated(outcome, now) : doubt(health, outcome, now)
  const lacking = outcome.fault === 'funds' ? lackingFunds(verdict) : null
  // An account on trial is judged by the trial: the others began before the rest did and tell nothing new, unless they
  // were refused where money of a kind was still believed to be there.
  if (health.status === 'probing' && !isTrial && !tellsMore(health, lacking)) return health
  if (outcome.kind === 'success') return health.status === 'probing' ? ready : health
  return lacking === null ? health : exhaust(health, { funds: lacking, isTrusted }, now)
}

/** A rest that is over turns into a trial; anything else stays as it is. */
export function endCooldown(health: Health, now: number): Health {
  if (!isTimed(health) || health.until > now) return health
  const { strikes } = health
  return health.status === 'cooling'
    ? { status: 'probing', after: 'cooling', strikes }
    : { status: 'probing', after: 'exhausted', funds: health.funds, strikes }
}

/** Money was found where none had been: one live trial may ask at once. */
export function fundsFound(health: Health): Health {
  if (health.status !== 'exhausted') return health
  return { status: 'probing', after: 'exhausted', funds: health.funds, strikes: health.strikes }
}

/** Whether the health has an end of its own. */
export function isTimed(health: Health): health is Extract<Health, { until: number }> {
  return health.status === 'cooling' || health.status === 'exhausted'
}

/** Whether a request for such a model would be the trial of an account of that health. */
export function wouldBeTrial(health: Health, needs: NeededFunds): boolean {
  if (health.status !== 'probing') return false
  return health.after === 'cooling' || blocks(health.funds, needs)
}

/** The account rests on every model until the given time (an unverified user's daily quota, for one). */
export function coolUntil(health: Health, until: number, reason: string): Health {
  if (health.status === 'invalid' || health.status === 'exhausted') return health
  if (health.status === 'cooling' && health.until >= until) return health
  return { status: 'cooling', until, reason, strikes: health.status === 'probing' ? health.strikes + 1 : 1 }
}

/** What a refusal for lack of money says, by the kind of model it came for, unless the provider tells. */
function lackingFunds({ outcome, needs }: AccountEvidence): LackingFunds {
  if (outcome.funds === 'charged' || needs === 'charged') return 'charged'
  return needs === 'nothing' ? 'all' : 'any'
}

const rank: Readonly<Record<LackingFunds, number>> = { charged: 0, any: 1, all: 2 }

function tellsMore(health: Extract<Health, { status: 'probing' }>, lacking: LackingFunds | null): boolean {
  if (lacking === null || lacking === 'all') return lacking === 'all'
  return health.after === 'exhausted' && rank[lacking] > rank[health.funds]
}

function exhaust(
  health: Health,
  { funds, isTrusted }: { funds: LackingFunds; isTrusted: boolean },
  now: number,
): Health {
  if (health.status === 'exhausted' && rank[health.funds] >= rank[funds]) return health
  const strikes = strikesAfter(health, 'exhausted')
  // A trial that takes recharged money only says nothing of vouchers: those were found lacking before.
  const lacking =
    health.status === 'probing' && health.after === 'exhausted' && rank[health.funds] > rank[funds]
      ? health.funds
      : funds
  const [firstMs, ceilingMs] = isTrusted
    ? [exhaustedFirstMs, exhaustedCeilingMs]
    : [doubtedFirstMs, doubtedCeilingMs]
  const until = now + grown(firstMs, strikes, ceilingMs)
  if (health.status !== 'cooling') return { status: 'exhausted', until, funds: lacking, strikes }
  // It was closed for every model, and stays so until both are over.
  return { status: 'exhausted', until: Math.max(until, health.until), funds: 'all', strikes }
}

function doubt(health: Health, outcome: Outcome, now: number): Health {
  const strikes = strikesAfter(health, 'cooling')
  return coolUntil(
    health,
    now + grown(doubtedFirstMs, strikes, doubtedCeilingMs),
    outcome.message ?? outcome.kind,
  )
}

const strikesAfter = (health: Health, status: 'cooling' | 'exhausted'): number =>
  health.status === 'probing' && health.after === status ? health.strikes + 1 : 1

const grown = (firstMs: number, strikes: number, ceilingMs: number): number =>
  Math.min(firstMs * 2 ** (strikes - 1), ceilingMs)
