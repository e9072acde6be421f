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

/** How long a client that had the balances refreshed gets the figures at hand. */
const refreshEveryMs = 30_000

/**
 * Makes the function that answers `/balance`. A refresh costs one upstream call per account, so clients that ask for it
 * at the same time share one, and each client gets one in 30 seconds; in between it gets the figures at hand.
 */
export function balanceReader(
  pool: KeyPool,
  now: () => number,
): (refresh: boolean, client: string | null) => Promise<BalanceAnswer> {
  /** When each client had its last refresh. There are no more clients than keys. */
  const refreshedAt = new Map<string | null, number>()
  const mayRefresh = (client: string | null): boolean => {
    const at = now()
    const last = refreshedAt.get(client)
    // A clock that was set back must not lock a client out.
    if (last !== undefined && at >= last && at - last < refreshEveryMs) return false
    refreshedAt.set(client, at)
    return true
  }
  let refreshing: Promise<PoolBalance> | undefined
  const refreshed = (): Promise<PoolBalance> => {
    refreshing ??= pool.balance({ refresh: true }).finally(() => {
      refreshing = undefined
    })
    return refreshing
  }

  return async (refresh, client) => {
    const isFresh = refresh && (refreshing !== undefined || mayRefresh(client))
    const { total, currency, accounts } = await (isFresh ? refreshed() : pool.balance())
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
