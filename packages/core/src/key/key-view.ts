import type { FundsText } from '../money/balance-estimate.js'
import type { LackingFunds } from '../money/funds.js'
import { isPutAside } from './account.js'
import type { Key, KeyAccount } from './key.js'

/** Money as shown to people and scripts. */
export interface BalanceView {
  readonly amount: string | null
  readonly currency: string
  readonly source: 'known' | 'estimated' | 'unknown' | 'unsupported'
  /** When the figure was taken that it is estimated from. ISO 8601, UTC. */
  readonly at: string | null
  /** The amount by kind of money: recharged, and gifts with vouchers. Null when only the sum is known. */
  readonly funds?: FundsText | null
}

export type KeyStatus = 'ready' | 'cooling' | 'probing' | 'exhausted' | 'invalid'

/** A key as shown to people and scripts: no secret in it. The JSON shape of `sfpool list --json`. */
export interface KeyView {
  readonly id: string
  /** Masked. */
  readonly key: string
  readonly label: string | null
  /** The account's name; the key's own id when it has an account of its own. */
  readonly account: string
  readonly site: string
  /** The operator's switch. */
  readonly enabled: boolean
  readonly weight: number
  /** What automation found. `cooling` here concerns all models; cooldowns on single models are in `cooldowns`. */
  readonly status: KeyStatus
  /** Why, in words, when the status is not `ready`. */
  readonly reason: string | null
  /** Cooldowns running now, by model. */
  readonly cooldowns: readonly { readonly model: string; readonly until: string; readonly reason: string }[]
  readonly balance: BalanceView
  readonly inFlight: number
  readonly requests: number
  readonly successes: number
  /** ISO 8601, UTC. */
  readonly lastUsedAt: string | null
  readonly addedAt: string
}

/** `isoTime` turns milliseconds since the epoch into ISO 8601; handed in, because pure code has no `Date`. */
export interface ViewContext {
  readonly now: number
  readonly isoTime: (at: number) => string
  readonly currencyOf: (site: string) => string
}

export function viewOf(key: Key, context: ViewContext): KeyView {
  const { account } = key
  return {
    id: key.id,
    key: key.secret.mask,
    label: key.label,
    account: account.id,
    site: key.site,
    enabled: key.enabled,
    weight: key.weight,
    status: statusOf(key),
    reason: reasonOf(key),
    cooldowns: cooldownViews(account, context),
    balance: balanceView(account, context.currencyOf(key.site), context.isoTime),
    inFlight: key.inFlight,
    requests: key.requests,
    successes: key.successes,
    lastUsedAt: key.lastUsedAt === null ? null : context.isoTime(key.lastUsedAt),
    addedAt: context.isoTime(key.addedAt),
  }
}

const severity: readonly KeyStatus[] = ['ready', 'probing', 'cooling', 'exhausted', 'invalid']

/** The worse of the states of the key and of its account. */
export function statusOf(key: Key): KeyStatus {
  const own = key.health.status
  const { account } = key
  const shared =
    isPutAside(account) && account.health.status === 'ready' ? 'exhausted' : account.health.status
  return severity.indexOf(own) >= severity.indexOf(shared) ? own : shared
}

function reasonOf(key: Key): string | null {
  const status = statusOf(key)
  if (status === 'ready') return null
  const health = key.health.status === status ? key.health : key.account.health
  if (status === 'exhausted' && health.status !== status) return 'less balance than minBalance'
  if (health.status === 'exhausted') return lackOf(health.funds)
  if (health.status === 'probing') return `a trial after ${health.after}`
  return health.status === 'ready' ? null : health.reason
}

const lackOf = (funds: LackingFunds): string => {
  if (funds === 'all') return 'no balance, not even for free models'
  return funds === 'charged' ? 'no charged balance' : 'no balance'
}

function cooldownViews(account: KeyAccount, { now, isoTime }: ViewContext): KeyView['cooldowns'] {
  const views: { model: string; until: string; reason: string }[] = []
  for (const { model, until, reason, meter } of account.cooldowns.values()) {
    if (until > now)
      views.push({
        model,
        until: isoTime(until),
        reason: meter === undefined ? reason : `${reason} (${meter})`,
      })
  }
  return views
}

export function balanceView(
  account: KeyAccount,
  currency: string,
  isoTime: (at: number) => string,
): BalanceView {
  const { balance } = account
  if (balance === null) return { amount: null, currency, source: 'unknown', at: null, funds: null }
  return { ...balance, at: balance.at === null ? null : isoTime(balance.at) }
}
