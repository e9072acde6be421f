/** How many calls may run at once; Infinity where there is no limit. */
export interface Concurrency {
  readonly key: number
  readonly account: number
  readonly pool: number
}

export const unlimited: Concurrency = {
  key: Number.POSITIVE_INFINITY,
  account: Number.POSITIVE_INFINITY,
  pool: Number.POSITIVE_INFINITY,
}

/** Whether any limit is set. */
export function isLimited({ key, account, pool }: Concurrency): boolean {
  return Math.min(key, account, pool) < Number.POSITIVE_INFINITY
}
