import type { PoolOptions } from '@sfpool/core'

/**
 * Timers that never ring, for a pool that is only read: it asks the upstream about no key whose rest is over, which a
 * server does.
 */
export const stillRuntime: NonNullable<PoolOptions['runtime']> = {
  setTimer: () => undefined,
  clearTimer: () => {},
}
