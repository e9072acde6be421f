import type { KeyAccount } from '../../key/key.js'
import type { Finding } from './checker.js'
import { exhaustedRuling, type Ruling, vouchersOnlyRuling } from './ruling.js'

/**
 * The ruling on a key of the pool, with what live requests have shown about its account: a free probe that succeeds
 * does not refute that the account was out of money when it was last used.
 */
export function accountRuling({ ruling, model, reported }: Finding, { health }: KeyAccount): Ruling {
  const showsNoMoney = ruling.verdict === 'valid' && model === null && reported?.balance.amount == null
  if (!showsNoMoney || health.status !== 'exhausted') return ruling
  const reason = `${ruling.reason}; out of money when it was last used`
  return health.funds === 'charged'
    ? vouchersOnlyRuling(`${reason}, vouchers apart`)
    : exhaustedRuling(reason)
}
