import { isPutAside } from '../key/account.js'
import { type Cooldown, endOfCooldown } from '../key/cooldown.js'
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
  reasonOfCooldown,
} from './key-eligibility.js'
import type { ModelAccess } from './rules.js'

/**
 * Why a key may not serve one request, beside the reasons that hold for every model:
 * - `other-account`: the request names a resource of another account.
 * - `not-allowed`: the rules of the model leave the key out.
 * - `paced`: the pacing window belongs to other keys.
 * - `inferred-cooldown`: its account cools down on the model, though the upstream did not ask for that; tried when no
 *   other key is ready.
 * - `limited`: one more request would exceed a declared or learned limit.
 * - `tried`: the request has tried it already.
 */
export type RequestIneligibleReason =
  | 'other-account'
  | 'not-allowed'
  | 'paced'
  | 'inferred-cooldown'
  | 'limited'
  | 'tried'

/** Whether a key may serve a request, and if not, why. */
export interface Eligibility {
  /** Null when the key is eligible. */
  readonly why: IneligibleReason | RequestIneligibleReason | null
  /** When the reason ends by itself, in milliseconds since the Unix epoch; null when it does not, or that is unknown. */
  readonly until: number | null
  /** More of the reason in words. */
  readonly detail: string | null
}

/** The part of a request that eligibility depends on. */
export interface RequestSnapshot {
  readonly model: string
  readonly now: number
  readonly demand: Demand
  readonly tried: ReadonlySet<Key> | null
  /** The only account that may serve it; null for any. */
  readonly account: string | null
  readonly access: ModelAccess | undefined
  /** When requests may go beyond learned limits. @default never */
  readonly beyondAt?: number
  needsOn(site: string): NeededFunds
}

/** The pool-wide limits that eligibility depends on. */
export interface PoolLimits {
  readonly concurrency: Concurrency
  readonly pacing: Pacing<Key> | null
}

/** Returns the eligibility of a key for a request. It answers explanations and refusals; a pick asks in an order of its own. */
export function eligibilityOf(key: Key, request: RequestSnapshot, limits: PoolLimits): Eligibility {
  const { account } = key
  if (request.account !== null && request.account !== account.id) return because('other-account')
  if (request.access?.allows(key) === false) return because('not-allowed')
  const reason = ineligibleReasonOf(key, limits.concurrency)
  const lacks = lacksFunds(key, request.needsOn(key.site))
  const isSpare = isAboutFunds(key, reason) && !lacks
  if (reason !== undefined && !isSpare) return because(reason, endOf(key, reason), detailOf(key))
  if (lacks && account.health.status === 'probing') return because('probing')
  if (lacks) return because('exhausted', endOf(key, 'exhausted'), detailOf(key))
  if (isSpare && isBusy(key, limits.concurrency)) return because('busy')
  const { pacing } = limits
  if (pacing !== null && !pacing.allows(key, request.now)) return because('paced', pacing.windowEndsAt)
  return onModel(key, request)
}

/** Returns what the model adds: cooldowns, limits, and keys that the request has tried. */
function onModel(key: Key, { model, now, demand, tried, beyondAt }: RequestSnapshot): Eligibility {
  const cooldown = activeCooldown(key, model, now)
  const reason = cooldown && reasonOfCooldown(cooldown)
  const freeAt = key.account.quotas.get(model)?.freeAt(demand, now, beyondAt) ?? now
  // A request that is larger than a limit still does not fit when the cooldown has ended.
  if (cooldown !== undefined && reason === 'cooling' && freeAt < Number.POSITIVE_INFINITY)
    return because(reason, Math.max(endOfCooldown(cooldown), freeAt), wordsOf(cooldown))
  // A limit outranks an inferred cooldown: no last resort may exceed it.
  if (freeAt > now) return because('limited', freeAt)
  if (cooldown !== undefined) return because('inferred-cooldown', cooldown.until, wordsOf(cooldown))
  return tried?.has(key) === true ? because('tried') : eligible
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

const eligible: Eligibility = { why: null, until: null, detail: null }

const because = (
  why: NonNullable<Eligibility['why']>,
  until: number | null = null,
  detail: string | null = null,
): Eligibility => ({
  why,
  until: until === Number.POSITIVE_INFINITY ? null : until,
  detail,
})
