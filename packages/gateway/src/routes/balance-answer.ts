import type { KeyPool, PoolBalance } from '@sfpool/core'
import { isActive } from './stats-view.js'

/** The answer of `/balance`. */
export interface BalanceAnswer {
  readonly success: boolean
  /** ISO 8601, UTC. */
  readonly timestamp: string
  /** Decimal string; null when the balance of no account is known. */
  readonly totalBalance: string | null
  readonly currency: PoolBalance['currency']
  readonly keyBalances: readonly {
    readonly index: number
    readonly id: string
    /** The masked secret. */
    readonly key: string
    readonly account: string
    /** Decimal string; null when unknown. Keys of one account share it. */
    readonly balance: string | null
    readonly source: string
    readonly lastChecked: string | null
    readonly isActive: boolean
  }[]
  readonly accounts: PoolBalance['accounts']
}

/**
 * Makes the function that answers `/balance`. A refresh costs one upstream call per account, so clients that ask for it
 * at the same time share one.
 */
export function balanceReader(
  pool: KeyPool,
  now: () => number,
): (refresh: boolean) => Promise<BalanceAnswer> {
  let refreshing: Promise<PoolBalance> | undefined
  const refreshed = (): Promise<PoolBalance> => {
    refreshing ??= pool.balance({ refresh: true }).finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  return async (refresh) => {
    const { total, currency, accounts } = await (refresh ? refreshed() : pool.balance())
    return {
      success: true,
      timestamp: new Date(now()).toISOString(),
      totalBalance: total,
      currency,
      keyBalances: pool.keys.list().map((key, index) => ({
        index: index + 1,
        id: key.id,
        key: key.key,
        account: key.account,
        balance: key.balance.amount,
        source: key.balance.source,
        lastChecked: key.balance.at,
        isActive: isActive(key),
      })),
      accounts,
    }
  }
}
