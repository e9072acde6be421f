import type { KeyInput, KeyPool, PoolOptions } from '@sfpool/core'
import type { Settings } from '../config/settings.js'
import { type BorrowingStore, borrowingStore } from './borrowing-store.js'
import { openStore } from './open-store.js'
import { poolOptions } from './pool-options.js'

interface PoolContext {
  readonly settings: Pick<Settings, 'store'> & Parameters<typeof poolOptions>[0]
}

/** The pool over the store asked for, loaded and ready. Whoever opens it closes it. */
export async function openPool({ settings }: PoolContext, options: PoolOptions = {}): Promise<KeyPool> {
  const [{ KeyPool }, store] = await Promise.all([
    import('@sfpool/core'),
    options.store ?? openStore(settings.store),
  ])
  const pool = new KeyPool({ ...poolOptions(settings), ...options, store })
  await pool.ready
  return pool
}

/** A pool that serves keys lent to it beside those of its store. */
export interface LendingPool {
  readonly pool: KeyPool
  readonly store: BorrowingStore
}

/** The pool over the store asked for, with keys that are lent to it for as long as it is open. */
export async function openLendingPool(context: PoolContext, lent: readonly KeyInput[]): Promise<LendingPool> {
  const store = borrowingStore(await openStore(context.settings.store))
  store.borrow(lent.map(({ secret }) => secret))
  return { store, pool: await openPool(context, { store, keys: lent }) }
}
