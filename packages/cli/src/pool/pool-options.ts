import type { PoolOptions } from '@sfpool/core'
import type { Settings } from '../config/settings.js'

type UpstreamSettings = Partial<Pick<Settings, 'baseUrl' | 'site' | 'strategy' | TimeoutName>>
type TimeoutName =
  | 'timeoutConnect'
  | 'timeoutFirstByte'
  | 'timeoutFirstOutput'
  | 'timeoutIdle'
  | 'timeoutTotal'

/** The pool's options as the settings name them; what nobody set is left to the pool's own defaults. */
export function poolOptions(settings: UpstreamSettings): PoolOptions {
  const { baseUrl: baseURL, site, strategy } = settings
  const timeouts = {
    connect: settings.timeoutConnect,
    firstByte: settings.timeoutFirstByte,
    firstOutput: settings.timeoutFirstOutput,
    idle: settings.timeoutIdle,
    total: settings.timeoutTotal,
  }
  return defined({ baseURL, site, strategy, timeouts: defined(timeouts) })
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> }

function defined<T extends object>(given: T): Defined<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Defined<T>
}
