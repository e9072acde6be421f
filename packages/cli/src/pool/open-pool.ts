import type { KeyInput, KeyPool, PoolOptions } from '@sfpool/core'
import type { Settings } from '../config/settings.js'
import { ownPrices } from '../prices/own-prices.js'
import { type BorrowingStore, borrowingStore } from './borrowing-store.js'
import { openStore } from './open-store.js'
import { poolOptions } from './pool-options.js'
import { readOnlyStore } from './read-only-store.js'
import { located, type Origins } from './refused-option.js'
import { stillRuntime } from './still-runtime.js'

interface PoolContext {
  readonly settings: Pick<Settings, 'store'> & Parameters<typeof poolOptions>[0]
  readonly origins: Origins
}

/**
 * The pool over the store asked for, loaded and ready. Whoever opens it closes it. Rejects with a `CliError` when the
 * pool refuses a setting, or the user's prices cannot be read.
 */
export async function openPool(
  { settings, origins }: PoolContext,
  options: PoolOptions = {},
): Promise<KeyPool> {
  const [{ KeyPool, siliconflow }, store] = await Promise.all([
    import('@sfpool/core'),
    options.store ?? openStore(settings.store),
  ])
  try {
    const prices = (await ownPrices(settings.prices))?.list
    const own = poolOptions({ ...settings, prices }, siliconflow)
    const pool = new KeyPool({ ...own, ...options, store })
    await pool.ready
    return pool
  } catch (error) {
    await store.close()
    throw located(error, origins)
  }
}

/** The same for those who only look: it asks the upstream nothing, and its store stays as it is. */
export async function openPoolToRead(context: PoolContext, lent: readonly KeyInput[] = []): Promise<KeyPool> {
  const store = lendingStore(readOnlyStore(await openStore(context.settings.store)), lent)
  return openPool(context, { store, keys: lent, runtime: stillRuntime })
}

/** A pool that serves keys lent to it beside those of its store. */
export interface LendingPool {
  readonly pool: KeyPool
  readonly store: BorrowingStore
}

/** The pool over the store asked for, with keys that are lent to it for as long as it is open. */
export async function openLendingPool(context: PoolContext, lent: readonly KeyInput[]): Promise<LendingPool> {
  const store = lendingStore(await openStore(context.settings.store), lent)
  return { store, pool: await openPool(context, { store, keys: lent }) }
}

function lendingStore(base: BorrowedFrom, lent: readonly KeyInput[]): BorrowingStore {
  const store = borrowingStore(base)
  store.borrow(lent.map(({ secret }) => secret))
  return store
}

type BorrowedFrom = Parameters<typeof borrowingStore>[0]
