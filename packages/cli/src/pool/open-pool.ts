import type { KeyInput, KeyPool, PoolOptions, Store } from '@sfpool/core'
import { ownPrices } from '../prices/own-prices.js'
import { openExistingStore, openStore, type StoreContext } from './open-store.js'
import { type OutboundContext, outboundOptions, withoutOutbound } from './outbound-options.js'
import { type OverlayStore, overlayStore } from './overlay-store.js'
import { poolOptions } from './pool-options.js'
import { readOnlyStore } from './read-only-store.js'
import { timerlessRuntime } from './timerless-runtime.js'
import { type Origins, withOrigin } from './with-origin.js'

interface PoolContext extends OutboundContext, StoreContext {
  readonly settings: StoreContext['settings'] &
    Parameters<typeof poolOptions>[0] &
    OutboundContext['settings']
  readonly origins: Origins
}

/** How a pool is opened. A function opens, or makes, its store only when every setting has proved right. */
type OpenOptions = Omit<PoolOptions, 'store'> & { readonly store?: Store | (() => Promise<Store>) }

/**
 * Opens the pool over the requested store, loaded and ready. The caller closes it. Rejects with a `CliError` when the
 * pool refuses a setting or the user's price list cannot be read.
 */
export async function openPool(context: PoolContext, options: OpenOptions = {}): Promise<KeyPool> {
  const { settings, origins } = context
  const { store: given = () => openStore(context), ...further } = options
  let store = typeof given === 'function' ? undefined : given
  try {
    const { KeyPool, memoryStore, siliconflow } = await import('@sfpool/core')
    const prices = (await ownPrices(settings.prices))?.list
    const own = poolOptions({ ...settings, prices }, siliconflow)
    const checked = { ...own, ...(await outboundOptions(context)), ...further }
    if (typeof given === 'function') {
      // Refuses wrong settings before a store is made for them.
      await using trial = new KeyPool({ ...checked, store: memoryStore(), runtime: timerlessRuntime })
      await trial.ready
      store = await given()
    }
    const pool = new KeyPool({ ...checked, ...(store && { store }) })
    await pool.ready
    return pool
  } catch (error) {
    await store?.close()
    throw withOrigin(error, origins)
  }
}

/** Opens the pool over a store that must exist, to change keys in it: it sends nothing to the upstream. */
export async function openPoolToEdit(context: PoolContext): Promise<KeyPool> {
  const store = await openExistingStore(context)
  return openPool(withoutOutbound(context), { store, runtime: timerlessRuntime })
}

/**
 * Opens the pool read-only, over a store that must exist: it sends nothing to the upstream, and its store stays
 * unchanged.
 */
export async function openPoolToRead(
  context: PoolContext,
  temporary: readonly KeyInput[] = [],
): Promise<KeyPool> {
  const store = overlayOf(readOnlyStore(await openExistingStore(context, 'read')), temporary)
  return openPool(withoutOutbound(context), { store, keys: temporary, runtime: timerlessRuntime })
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
  base: () => Promise<Store> = () => openExistingStore(context),
): Promise<OverlayPool> {
  let overlay: OverlayStore | undefined
  const store = async (): Promise<Store> => {
    overlay = overlayOf(await base(), temporary)
    return overlay
  }
  const pool = await openPool(context, { store, keys: temporary })
  // An opened pool has asked for its store.
  return { pool, store: overlay as unknown as OverlayStore }
}

function overlayOf(base: BaseStore, temporary: readonly KeyInput[]): OverlayStore {
  const store = overlayStore(base)
  store.keepInMemory(temporary.map(({ secret }) => secret))
  return store
}

type BaseStore = Parameters<typeof overlayStore>[0]
