import type { BalanceView } from '../key/key-view.js'

/** Money of the whole pool. */
export interface PoolBalance {
  /** The exact sum of what is known or estimated, as a decimal string; null when nothing is, or currencies differ. */
  readonly total: string | null
  readonly currency: string | null
  readonly accounts: readonly { readonly account: string; readonly balance: BalanceView }[]
  readonly keys: readonly { readonly id: string; readonly balance: BalanceView }[]
  /** Accounts that the upstream was asked about in vain: it could not be reached, or did not say. */
  readonly unanswered: number
}
