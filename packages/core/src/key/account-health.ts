import { blocks, type LackingFunds, type NeededFunds } from '../money/funds.js'
import type { Outcome } from '../outcome/outcome.js'

/**
 * The condition of an account as a whole, a circuit breaker:
 * - `ready`: closed, the account may serve.
 * - `cooling`: open for every model, until a known time.
 * - `exhausted`: open for models that need money which the account lacks; `until` is when it is tried again.
 * - `probing`: half-open: exactly one live request may try the account, and its outcome decides.
 * - `invalid`: refused for good; only a person or a check brings it back.
 *
 * `strikes` counts consecutive failures, as in `Cooldown`.
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
/** One trial after half an hour finds a top-up soon; doubling to a day keeps dead accounts quiet. */
const exhaustedBackoff = { firstMs: 30 * minute, ceilingMs: 24 * hour }
/** After refusals that are not trusted, because the upstream refuses every account alike. */
const suspectedBackoff = { firstMs: minute, ceilingMs: 30 * minute }

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
      // A call that never left says nothing about its key, and neither does the end of the time for all attempts.
      return outcome.maybeRan === true && outcome.phase !== 'total' ? 'account-model' : 'none'
    default:
      return outcome.accountWide === true ? 'account' : 'account-model'
  }
}

/** The health of an account or key that is refused for good, with the reason that the outcome gives. */
export function invalidated(outcome: Outcome, now: number): Extract<Health, { status: 'invalid' }> {
  return { status: 'invalid', reason: outcome.message ?? outcome.kind, since: now }
}

/** An attempt that ended, as far as the health of its account depends on it. */
export interface AccountEvidence {
  readonly outcome: Outcome
  /** It was the trial of a half-open account. */
  readonly isTrial: boolean
  /** The kind of money that its model costs. */
  readonly needs: NeededFunds
  /** False when the upstream is suspected, because it refuses one account after another with no success between. */
  readonly isTrusted: boolean
}

/** The health of an account after an attempt, its trial or any other. Returns the same object when nothing changes. */
export function settleAccount(health: Health, evidence: AccountEvidence, now: number): Health {
  const { outcome, isTrial, isTrusted } = evidence
  if (health.status === 'invalid') return health
  if (outcome.fault === 'disabled')
    return isTrusted ? invalidated(outcome, now) : suspect(health, outcome, now)
  const lacking = outcome.fault === 'funds' ? lackingFunds(evidence) : null
  // The trial decides. The other attempts began before the cooldown did and show nothing new, unless they were refused
  // for want of money that the account was thought to have.
  if (health.status === 'probing' && !isTrial && !lacksMore(health, lacking)) return health
  if (outcome.kind === 'success') return health.status === 'probing' ? ready : health
  return lacking === null ? health : exhaust(health, { funds: lacking, isTrusted }, now)
}

/** Half-opens an account whose cooldown is over; any other health stays as it is. */
export function endCooldown(health: Health, now: number): Health {
  return isTimed(health) && health.until <= now ? halfOpened(health) : health
}

/** Half-opens an account at once, because there is money where none had been. */
export function fundsFound(health: Health): Health {
  return health.status === 'exhausted' ? halfOpened(health) : health
}

function halfOpened(health: Extract<Health, { until: number }>): Health {
  const { strikes } = health
  return health.status === 'cooling'
    ? { status: 'probing', after: 'cooling', strikes }
    : { status: 'probing', after: 'exhausted', funds: health.funds, strikes }
}

/** Whether the health ends by the clock. */
export function isTimed(health: Health): health is Extract<Health, { until: number }> {
  return health.status === 'cooling' || health.status === 'exhausted'
}

/** Whether a request for a model of that cost would be the trial of an account of that health. */
export function wouldBeTrial(health: Health, needs: NeededFunds): boolean {
  if (health.status !== 'probing') return false
  return health.after === 'cooling' || blocks(health.funds, needs)
}

/** The account cools down on every model until the given time (an unverified user's daily quota, for one). */
export function coolUntil(health: Health, until: number, reason: string): Health {
  if (health.status === 'invalid' || health.status === 'exhausted') return health
  if (health.status === 'cooling' && health.until >= until) return health
  return { status: 'cooling', until, reason, strikes: health.status === 'probing' ? health.strikes + 1 : 1 }
}

/** The money that a refusal shows to be lacking: what the provider says, else what the model needed. */
function lackingFunds({ outcome, needs }: AccountEvidence): LackingFunds {
  if (outcome.funds === 'charged' || needs === 'charged') return 'charged'
  return needs === 'nothing' ? 'all' : 'any'
}

const rank: Readonly<Record<LackingFunds, number>> = { charged: 0, any: 1, all: 2 }

function lacksMore(health: Extract<Health, { status: 'probing' }>, lacking: LackingFunds | null): boolean {
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
  // A trial that takes recharged money only says nothing of vouchers, which were found lacking before.
  const lacking =
    health.status === 'probing' && health.after === 'exhausted' && rank[health.funds] > rank[funds]
      ? health.funds
      : funds
  const until = now + backoffMs(isTrusted ? exhaustedBackoff : suspectedBackoff, strikes)
  if (health.status !== 'cooling') return { status: 'exhausted', until, funds: lacking, strikes }
  // It cooled down on every model, and does so until both are over.
  return { status: 'exhausted', until: Math.max(until, health.until), funds: 'all', strikes }
}

/** The upstream is suspected: the account cools down for a while, and is not refused for good. */
function suspect(health: Health, outcome: Outcome, now: number): Health {
  const until = now + backoffMs(suspectedBackoff, strikesAfter(health, 'cooling'))
  return coolUntil(health, until, outcome.message ?? outcome.kind)
}

const strikesAfter = (health: Health, status: 'cooling' | 'exhausted'): number =>
  health.status === 'probing' && health.after === status ? health.strikes + 1 : 1

function backoffMs({ firstMs, ceilingMs }: typeof exhaustedBackoff, strikes: number): number {
  return Math.min(firstMs * 2 ** (strikes - 1), ceilingMs)
}
