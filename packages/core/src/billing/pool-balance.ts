import type { BalanceView } from '../key/key-view.js'

/** The balances of the whole pool. */
export interface PoolBalance {
  /** The exact sum of known and estimated balances, as a decimal string; null without any, or when currencies differ. */
  readonly total: string | null
  readonly currency: string | null
  readonly accounts: readonly { readonly account: string; readonly balance: BalanceView }[]
  readonly keys: readonly { readonly id: string; readonly balance: BalanceView }[]
  /** Accounts whose balance could not be read: the upstream was unreachable, or gave no balance. */
  readonly unanswered: number
}
