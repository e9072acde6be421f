import type { Settings } from '../config/settings.js'
import { poolOptions } from './pool-options.js'
import { timerlessRuntime } from './timerless-runtime.js'

/**
 * Lets a pool check its part of the settings, without a store, keys or a call to the upstream. Rejects with the pool's own
 * error. Prices of a file and the proxy are left to those who read them.
 */
export async function tryPool(settings: Partial<Settings>): Promise<void> {
  const { KeyPool, memoryStore, siliconflow } = await import('@sfpool/core')
  const { prices, ...rest } = settings
  const own = typeof prices === 'string' ? rest : settings
  await using pool = new KeyPool({
    ...poolOptions(own, siliconflow),
    ...(settings.proxy === undefined || settings.proxy === 'none' ? {} : { proxy: settings.proxy }),
    store: memoryStore(),
    runtime: timerlessRuntime,
  })
  await pool.ready
}
