import type { KeyPool, KeyView, PoolStats } from '@sfpool/core'

/** Whether the pool would use a key for some model now. */
export function isActive({ enabled, status }: KeyView): boolean {
  return enabled && (status === 'ready' || status === 'probing')
}

/** The figures of one key. */
export interface KeyStats {
  /** Place in the list, from 1. */
  readonly index: number
  readonly id: string
  /** The masked secret. */
  readonly key: string
  readonly label: string | null
  readonly status: KeyView['status']
  readonly isActive: boolean
  readonly requestCount: number
  readonly successCount: number
  /** ISO 8601, UTC. */
  readonly lastUsed: string | null
  /** Decimal string; null when unknown. */
  readonly balance: string | null
  readonly lastBalanceCheck: string | null
}

/** The answer of `/stats`. */
export interface StatsView extends PoolStats {
  readonly totalKeys: number
  readonly activeKeys: number
  readonly keyStats: readonly KeyStats[]
}

/** Makes the answer of `/stats`: the fields that scripts for earlier balancers read, and the pool's own figures. */
export function statsView(pool: KeyPool): StatsView {
  const keys = pool.keys.list()
  return {
    totalKeys: keys.length,
    activeKeys: keys.filter(isActive).length,
    keyStats: keys.map((key, index) => ({
      index: index + 1,
      id: key.id,
      key: key.key,
      label: key.label,
      status: key.status,
      isActive: isActive(key),
      requestCount: key.requests,
      successCount: key.successes,
      lastUsed: key.lastUsedAt,
      balance: key.balance.amount,
      lastBalanceCheck: key.balance.at,
    })),
    ...pool.stats(),
  }
}
