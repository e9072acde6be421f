import type { PoolOptions } from '@sfpool/core'

/**
 * Timers that never ring, for commands that only look at keys or change what is said of them: a pool with timers asks
 * the upstream about keys whose rest is over, which is for a server to do. What they change is written all the same.
 */
export const timerlessRuntime: NonNullable<PoolOptions['runtime']> = {
  setTimer: () => undefined,
  clearTimer: () => {},
}
