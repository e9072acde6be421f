import type { PoolOptions } from '@sfpool/core'

/**
 * A runtime whose timers never fire, for commands that only read or edit keys. With timers, a pool would ask the upstream
 * about keys whose cooldown has ended, which is the task of a server. Changes are written all the same.
 */
export const timerlessRuntime: NonNullable<PoolOptions['runtime']> = {
  setTimer: () => undefined,
  clearTimer: () => {},
}
