import { revealSecret } from '../../key/secret.js'
import type { Keyring } from '../../keyring/keyring.js'
import type { BalanceRefresh } from '../balance-refresh.js'
import type { KeyChecks } from '../key-checks.js'
import type { CheckScheduleParts } from './check-schedule.js'

/**
 * The check that a schedule makes of one of the pool's own keys: a free request. In a round it asks for the balance, or
 * whether the key is accepted; after calls or a refusal it asks for the balance, where the upstream reports it.
 */
export function scheduledCheck(parts: {
  readonly keyring: Keyring
  readonly checks: KeyChecks
  readonly balances: BalanceRefresh
}): CheckScheduleParts['check'] {
  const { keyring, checks, balances } = parts
  return async (id, reason, signal) => {
    const key = keyring.keys.get(id)
    if (key === undefined) return
    if (reason !== 'round') return balances.refreshAfterCall(key, signal, { isRefused: reason === 'funds' })
    const keys = [revealSecret(key.secret)]
    for await (const _ of checks.check({ keys, probe: 'balance', retries: 0, signal }));
  }
}
