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

/**
 * Tells whether the pool can serve, and if not, why. Keys are counted once for all requests of one chunk, because
 * that can hold a thousand, and the pool may be big.
 */
export function readinessOf(pool: KeyPool, watch: PoolWatch): () => Readiness {
  let counted: Readiness | undefined
  return () => {
    if (watch.load === 'failed') return 'store failed'
    if (watch.load === 'loading') return 'starting'
    if (counted !== undefined) return counted
    queueMicrotask(() => {
      counted = undefined
    })
    counted = countKeys(pool)
    return counted
  }
}

function countKeys(pool: KeyPool): Readiness {
  const { total, ready, probing } = pool.stats().keys
  if (total === 0) return 'no keys'
  return ready + probing > 0 ? 'ready' : 'no key can serve'
}

/** What is wrong with the store; null while it works. Where the store is, is nobody's business but the operator's. */
export function storeTrouble({ storeFault }: KeyPool): string | null {
  if (storeFault === null) return null
  const [, reason = 'the log says why'] =
    /^could not \w+(?: to)? the key store .*?: (.*)$/s.exec(storeFault.message) ?? []
  return `failing: ${reason}`
}
