import { isPutAside } from '../key/account.js'
import { type Cooldown, isInferred } from '../key/cooldown.js'
import type { Key } from '../key/key.js'
import type { Concurrency } from '../limit/concurrency.js'
import { blocks, type NeededFunds } from '../money/funds.js'

/**
 * What keeps a key out for every model:
 * - `disabled`, `unselected`: the operator.
 * - `invalid`: it or its account is refused for good.
 * - `refused`: the upstream refused it a moment ago and is being asked again. `failing`: unexplained failures in a row.
 * - `cooling`: its account rests on all models. `exhausted`: its account has no money.
 * - `probing`: another request is the trial just now.
 * - `busy`: as many calls run as may.
 */
export type IneligibleReason =
  | 'disabled'
  | 'unselected'
  | 'invalid'
  | 'refused'
  | 'failing'
  | 'cooling'
  | 'exhausted'
  | 'probing'
  | 'busy'

/** What keeps a key out whatever the model asked for. */
export function ineligibleReasonOf(key: Key, concurrency: Concurrency): IneligibleReason | undefined {
  if (!key.enabled) return 'disabled'
  if (!key.selected) return 'unselected'
  const { account, health: own } = key
  const { health } = account
  if (own.status === 'invalid' || health.status === 'invalid') return 'invalid'
  if (own.status === 'cooling') return own.trouble
  if (health.status === 'cooling') return 'cooling'
  if (own.status === 'probing' && key.trial !== null) return 'probing'
  if (health.status === 'exhausted' && health.funds !== 'charged') return 'exhausted'
  if (isPutAside(account)) return 'exhausted'
  if (health.status === 'probing' && account.trial !== null && !lacksChargedOnly(key)) return 'probing'
  return isBusy(key, concurrency) ? 'busy' : undefined
}

export function isBusy(key: Key, { key: ofKey, account: ofAccount }: Concurrency): boolean {
  return key.inFlight >= ofKey || key.account.inFlight >= ofAccount
}

/** Whether the account's money, as far as known, does for a model that needs such. */
export function lacksFunds({ account }: Key, needs: NeededFunds): boolean {
  const { health, trial } = account
  if (isPutAside(account) && needs !== 'nothing') return true
  if (health.status === 'exhausted') return blocks(health.funds, needs)
  // While one request tries whether there is money again, others of its kind wait.
  const isTried = health.status === 'probing' && health.after === 'exhausted' && trial !== null
  return isTried && blocks(health.funds, needs)
}

/** Whether it is all about money, so that what costs nothing may still be served. */
export function isAboutFunds(
  { account: { health }, trial }: Key,
  reason: IneligibleReason | undefined,
): boolean {
  if (reason === 'exhausted') return true
  const isTried = health.status === 'probing' && health.after === 'exhausted'
  return reason === 'probing' && isTried && trial === null
}

const lacksChargedOnly = ({ account: { health } }: Key): boolean =>
  health.status === 'probing' && health.after === 'exhausted' && health.funds === 'charged'

/** The rest that keeps a key from a model now. */
export function activeCooldown(key: Key, model: string, now: number): Cooldown | undefined {
  if (!key.account.hasCooldowns) return undefined
  const cooldown = key.account.cooldowns.get(model)
  return cooldown !== undefined && cooldown.until > now ? cooldown : undefined
}

/** `resting`: by our own guess only, so it may still be tried when nothing else is ready. */
export function cooldownOnModel(
  key: Key,
  model: string,
  now: number,
): 'cooling' | 'inferred-cooldown' | undefined {
  const cooldown = activeCooldown(key, model, now)
  if (cooldown === undefined) return undefined
  return isInferred(cooldown) ? 'inferred-cooldown' : 'cooling'
}
