/** How many calls may run at once; Infinity where nothing is said. */
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

/** Whether anything is said of how many calls may run at once. */
export function isLimited({ key, account, pool }: Concurrency): boolean {
  return Math.min(key, account, pool) < Number.POSITIVE_INFINITY
}
