import { isPutAside } from '../key/account.js'
import { type Cooldown, endOfCooldown, isInferred } from '../key/cooldown.js'
import type { Key } from '../key/key.js'
import type { Concurrency } from '../limit/concurrency.js'
import { blocks, type NeededFunds } from '../money/funds.js'

/**
 * Why a key may not serve, whatever the model:
 * - `disabled`, `unselected`: the operator or the key mode left it out.
 * - `invalid`: the upstream refuses the secret or its account for good.
 * - `refused`: the upstream refused the secret a moment ago, and will be asked again. `failing`: unexplained failures in
 *   a row.
 * - `cooling`: its account cools down on all models. `exhausted`: its account has no money.
 * - `probing`: another request is the trial now.
 * - `busy`: as many attempts run as `limits.concurrency` allows.
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

/** Returns why a key may not serve, whatever the model; undefined when nothing keeps it out. */
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

/** Whether as many attempts run under the key or its account as may. */
export function isBusy(key: Key, { key: ofKey, account: ofAccount }: Concurrency): boolean {
  return key.inFlight >= ofKey || key.account.inFlight >= ofAccount
}

/** Whether the account is known to lack the money that a model needs. */
export function lacksFunds({ account }: Key, needs: NeededFunds): boolean {
  const { health, trial } = account
  if (isPutAside(account) && needs !== 'nothing') return true
  if (health.status === 'exhausted') return blocks(health.funds, needs)
  // While one request finds out whether there is money again, requests that need as much wait for it.
  const isTried = health.status === 'probing' && health.after === 'exhausted' && trial !== null
  return isTried && blocks(health.funds, needs)
}

/** Whether only money keeps the key out, so that it may still serve what costs nothing. */
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

/** Returns the cooldown that keeps a key from a model now. */
export function activeCooldown(key: Key, model: string, now: number): Cooldown | undefined {
  if (!key.account.hasCooldowns) return undefined
  const cooldown = key.account.cooldowns.get(model)
  return cooldown !== undefined && endOfCooldown(cooldown) > now ? cooldown : undefined
}

/** Tells an explicit cooldown from an inferred one, whose key may be tried when no other is ready. */
export const reasonOfCooldown = (cooldown: Cooldown): 'cooling' | 'inferred-cooldown' =>
  isInferred(cooldown) ? 'inferred-cooldown' : 'cooling'
