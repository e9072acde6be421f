import type { KeyInput, KeyPool, PoolOptions, Store } from '@sfpool/core'
import type { Settings } from '../config/settings.js'
import { ownPrices } from '../prices/own-prices.js'
import { openExistingStore, openStore } from './open-store.js'
import { type OutboundContext, outboundOptions } from './outbound-options.js'
import { type OverlayStore, overlayStore } from './overlay-store.js'
import { poolOptions } from './pool-options.js'
import { readOnlyStore } from './read-only-store.js'
import { timerlessRuntime } from './timerless-runtime.js'
import { type Origins, withOrigin } from './with-origin.js'

interface PoolContext extends OutboundContext {
  readonly settings: Pick<Settings, 'store'> & Parameters<typeof poolOptions>[0] & OutboundContext['settings']
  readonly origins: Origins
}

/**
 * Opens the pool over the requested store, loaded and ready. The caller closes it. Rejects with a `CliError` when the
 * pool refuses a setting or the user's price list cannot be read.
 */
export async function openPool(context: PoolContext, options: PoolOptions = {}): Promise<KeyPool> {
  const { settings, origins } = context
  const [{ KeyPool, siliconflow }, store] = await Promise.all([
    import('@sfpool/core'),
    options.store ?? openStore(settings.store),
  ])
  try {
    const prices = (await ownPrices(settings.prices))?.list
    const own = poolOptions({ ...settings, prices }, siliconflow)
    const outbound = await outboundOptions(context)
    const pool = new KeyPool({ ...own, ...outbound, ...options, store })
    await pool.ready
    return pool
  } catch (error) {
    await store.close()
    throw withOrigin(error, origins)
  }
}

/** Opens the pool over a store that must exist, to change keys in it: it sends nothing to the upstream. */
export async function openPoolToEdit(context: PoolContext): Promise<KeyPool> {
  const store = await openExistingStore(context.settings.store)
  return openPool(context, { store, runtime: timerlessRuntime })
}

/**
 * Opens the pool read-only, over a store that must exist: it sends nothing to the upstream, and its store stays
 * unchanged.
 */
export async function openPoolToRead(
  context: PoolContext,
  temporary: readonly KeyInput[] = [],
): Promise<KeyPool> {
  const store = overlayOf(readOnlyStore(await openExistingStore(context.settings.store)), temporary)
  return openPool(context, { store, keys: temporary, runtime: timerlessRuntime })
}

/** A pool with temporary keys beside those of its store. */
export interface OverlayPool {
  readonly pool: KeyPool
  readonly store: OverlayStore
}

/** Opens the pool over a store, with temporary keys that are gone when it closes. */
export async function openOverlayPool(
  context: PoolContext,
  temporary: readonly KeyInput[],
  base: Store | Promise<Store> = openExistingStore(context.settings.store),
): Promise<OverlayPool> {
  const store = overlayOf(await base, temporary)
  return { store, pool: await openPool(context, { store, keys: temporary }) }
}

function overlayOf(base: BaseStore, temporary: readonly KeyInput[]): OverlayStore {
  const store = overlayStore(base)
  store.keepInMemory(temporary.map(({ secret }) => secret))
  return store
}

type BaseStore = Parameters<typeof overlayStore>[0]
