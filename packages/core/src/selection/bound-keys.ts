import type { Key, KeyAccount } from '../key/key.js'
import type { Pacing } from '../limit/pacing.js'
import type { CurrentRequest } from './current-request.js'
import type { KeyRequest } from './key-request.js'
import { eligibilityOf, type PoolLimits } from './request-eligibility.js'

export interface BoundKeysParts {
  readonly accounts: ReadonlyMap<string, KeyAccount>
  readonly pacing: Pacing<Key> | null
}

/** Returns the keys of the only account that may serve, or those of a full pacing window; null when any key may. */
export function boundKeys({ account, now }: KeyRequest, parts: BoundKeysParts): Iterable<Key> | null {
  if (account !== null) return parts.accounts.get(account)?.keys ?? []
  return parts.pacing?.isFull(now) === true ? parts.pacing.chosen(now) : null
}

/**
 * Returns the bound key with the fewest attempts running. One whose cooldown is inferred serves only when no other is
 * ready, and uses up one of the request's last resorts.
 */
export function chooseBound(
  keys: Iterable<Key>,
  request: CurrentRequest,
  limits: PoolLimits,
): Key | undefined {
  const { asked } = request
  const snapshot = request.snapshot()
  const eligibilities = Array.from(keys, (key) => ({ key, ...eligibilityOf(key, snapshot, limits) }))
  const ready = leastBusy(eligibilities.filter(({ why }) => why === null))
  if (ready !== undefined || asked.lastResorts <= 0) return ready
  const cooling = leastBusy(
    eligibilities.filter(({ key, why }) => why === 'inferred-cooldown' && asked.tried?.has(key) !== true),
  )
  if (cooling !== undefined) asked.lastResorts--
  return cooling
}

function leastBusy(candidates: readonly { readonly key: Key }[]): Key | undefined {
  return candidates.reduce<Key | undefined>(
    (best, { key }) => (best === undefined || key.inFlight < best.inFlight ? key : best),
    undefined,
  )
}
