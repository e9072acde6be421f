import type { PoolOptions } from '@sfpool/core'
import { policySettings } from '../config/policy-catalogue.js'
import type { PolicyName, Settings } from '../config/settings.js'

type UpstreamSettings = Partial<Pick<Settings, 'baseUrl' | 'site' | PolicyName | TimeoutName>>
type TimeoutName =
  | 'timeoutConnect'
  | 'timeoutFirstByte'
  | 'timeoutFirstOutput'
  | 'timeoutIdle'
  | 'timeoutTotal'

/**
 * The pool's options as the settings name them; what nobody set is left to the pool's own defaults. Of the policy only
 * the pool knows the rules, and refuses what breaks them.
 */
export function poolOptions(settings: UpstreamSettings): PoolOptions {
  const { baseUrl: baseURL, site } = settings
  const flagged = defined({
    connect: settings.timeoutConnect,
    firstByte: settings.timeoutFirstByte,
    firstOutput: settings.timeoutFirstOutput,
    idle: settings.timeoutIdle,
    total: settings.timeoutTotal,
  })
  const policy = Object.fromEntries(policySettings.map((name) => [name, settings[name]]))
  const { timeouts: given } = settings
  // What is no object is left to the pool to refuse.
  const timeouts =
    given === undefined || (typeof given === 'object' && given !== null) ? { ...given, ...flagged } : given
  return defined({ ...policy, baseURL, site, timeouts }) as PoolOptions
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> }

function defined<T extends object>(given: T): Defined<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Defined<T>
}
