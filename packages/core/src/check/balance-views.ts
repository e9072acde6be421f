import type { KeyAccount } from '../key/key.js'
import { type BalanceView, balanceView } from '../key/key-view.js'
import type { Balance } from '../money/balance.js'
import type { Provider } from '../provider/provider.js'

/** What the pool knows of an account's money. */
export function accountBalanceView(account: KeyAccount, provider: Provider): BalanceView {
  const [key] = account.keys
  return balanceView(account, provider.currencyOf(key?.site ?? provider.site), isoTime)
}

/** A balance that a site reported. */
export const reportedBalanceView = (balance: Balance): BalanceView => ({
  ...balance,
  at: balance.at === null ? null : isoTime(balance.at),
})

const isoTime = (at: number): string => new Date(at).toISOString()
