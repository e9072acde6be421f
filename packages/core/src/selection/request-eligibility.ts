import { isPutAside } from '../key/account.js'
import { type Cooldown, isInferred } from '../key/cooldown.js'
import type { Key } from '../key/key.js'
import type { Concurrency } from '../limit/concurrency.js'
import type { Demand } from '../limit/meters.js'
import type { Pacing } from '../limit/pacing.js'
import type { NeededFunds } from '../money/funds.js'
import {
  activeCooldown,
  type IneligibleReason,
  ineligibleReasonOf,
  isAboutFunds,
  isBusy,
  lacksFunds,
} from './key-eligibility.js'
import type { ModelAccess } from './rules.js'

/**
 * What keeps a key from one request, beside what keeps it out altogether:
 * - `other-account`: what the request names belongs to another account.
 * - `not-allowed`: the rules of its model leave it out.
 * - `paced`: other keys have this window.
 * - `resting`: its account rests on the model by our own guess; tried when nothing else is ready.
 * - `limited`: one more would go over a limit that we know or have learned.
 * - `tried`: it served this request already.
 */
export type RequestIneligibleReason =
  | 'other-account'
  | 'not-allowed'
  | 'paced'
  | 'inferred-cooldown'
  | 'limited'
  | 'tried'

/** How a key stands to a request. */
export interface Eligibility {
  /** Null when nothing stands in the way. */
  readonly why: IneligibleReason | RequestIneligibleReason | null
  /** When it ends by itself, in milliseconds since the Unix epoch; null when it does not, or nobody can tell. */
  readonly until: number | null
  /** More of the reason, in words. */
  readonly detail: string | null
}

/** A request as far as eligibility goes. */
export interface RequestSnapshot {
  readonly model: string
  readonly now: number
  readonly demand: Demand
  readonly tried: ReadonlySet<Key> | null
  /** The only account that may serve it; null for any. */
  readonly account: string | null
  readonly access: ModelAccess | undefined
  needsOn(site: string): NeededFunds
}

/** The pool-wide rules that eligibility depends on. */
export interface PoolLimits {
  readonly concurrency: Concurrency
  readonly pacing: Pacing<Key> | null
}

/** All that stands between a key and a request, the firmest first. For explanations and refusals, not for picks. */
export function eligibilityOf(key: Key, ask: RequestSnapshot, rules: PoolLimits): Eligibility {
  const { account } = key
  const { now, model } = ask
  if (ask.account !== null && ask.account !== account.id) return stands('other-account')
  if (ask.access?.allows(key) === false) return stands('not-allowed')
  const reason = ineligibleReasonOf(key, rules.concurrency)
  const lacks = lacksFunds(key, ask.needsOn(key.site))
  const isSpared = isAboutFunds(key, reason) && !lacks
  if (reason !== undefined && !isSpared) return stands(reason, endOf(key, reason), detailOf(key))
  if (lacks && account.health.status === 'probing') return stands('probing')
  if (lacks) return stands('exhausted', endOf(key, 'exhausted'), detailOf(key))
  if (isSpared && isBusy(key, rules.concurrency)) return stands('busy')
  const { pacing } = rules
  if (pacing !== null && !pacing.allows(key, now)) return stands('paced', pacing.windowEndsAt)
  const cooldown = activeCooldown(key, model, now)
  const freeAt = account.quotas.get(model)?.freeAt(ask.demand, now) ?? now
  // The end of a rest is no help to what is more than a limit.
  if (cooldown !== undefined && !isInferred(cooldown) && freeAt < Number.POSITIVE_INFINITY)
    return stands('cooling', Math.max(cooldown.until, freeAt), wordsOf(cooldown))
  // A limit is firmer than a rest by our own guess: nobody is tried beyond it.
  if (freeAt > now) return stands('limited', freeAt)
  if (cooldown !== undefined) return stands('inferred-cooldown', cooldown.until, wordsOf(cooldown))
  return ask.tried?.has(key) === true ? stands('tried') : stands(null)
}

const wordsOf = ({ reason, meter }: Cooldown): string =>
  meter === undefined ? reason : `${reason} (${meter})`

function endOf({ health, account }: Key, reason: IneligibleReason): number | null {
  if (reason === 'refused' || reason === 'failing') return health.status === 'cooling' ? health.until : null
  if (reason !== 'cooling' && reason !== 'exhausted') return null
  return 'until' in account.health ? account.health.until : null
}

function detailOf({ health, account }: Key): string | null {
  if ('reason' in health) return health.reason
  if (account.health.status === 'exhausted')
    return account.health.funds === 'charged' ? 'no charged balance' : 'no balance'
  if (isPutAside(account)) return 'less than minBalance'
  return 'reason' in account.health ? account.health.reason : null
}

const stands = (
  why: Eligibility['why'],
  until: number | null = null,
  detail: string | null = null,
): Eligibility => ({
  why,
  until: until === Number.POSITIVE_INFINITY ? null : until,
  detail,
})
