import type { KeyPool } from '@sfpool/core'

/** How far the pool has got with loading its store. */
export interface PoolWatch {
  readonly load: 'loading' | 'loaded' | 'failed'
}

/** Follows the pool's start, so that a health check is answered without waiting for it. */
export function watchPool(pool: KeyPool): PoolWatch {
  const watch: { load: PoolWatch['load'] } = { load: 'loading' }
  pool.ready.then(
    () => {
      watch.load = 'loaded'
    },
    () => {
      watch.load = 'failed'
    },
  )
  return watch
}

/** `ready`, or why the pool cannot serve. */
export type Readiness = 'ready' | 'starting' | 'no keys' | 'no key can serve' | 'store failed'

/** Whether the pool could serve a request now, and if not, why. */
export function readinessOf(pool: KeyPool, { load }: PoolWatch): Readiness {
  if (load === 'failed') return 'store failed'
  if (load === 'loading') return 'starting'
  const { total, ready, probing } = pool.stats().keys
  if (total === 0) return 'no keys'
  return ready + probing > 0 ? 'ready' : 'no key can serve'
}
