import type { KeyPool } from '@sfpool/core'

/** How far the pool got with its store. */
export interface PoolWatch {
  readonly load: 'loading' | 'loaded' | 'failed'
}

/** Follows the pool's start, so that a probe can be answered without waiting for it. */
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

export type Readiness = 'ready' | 'starting' | 'no keys' | 'no key can serve' | 'store failed'

/** Whether the pool could serve a request now, and if not, why. */
export function readinessOf(pool: KeyPool, { load }: PoolWatch): Readiness {
  if (load === 'failed') return 'store failed'
  if (load === 'loading') return 'starting'
  const { total, ready, probing } = pool.stats().keys
  if (total === 0) return 'no keys'
  return ready + probing > 0 ? 'ready' : 'no key can serve'
}
