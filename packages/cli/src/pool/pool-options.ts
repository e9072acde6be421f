import type { PoolOptions, Provider, SiliconFlowOptions } from '@sfpool/core'
import { requestLogOption } from '../config/log-settings.js'
import { policySettings } from '../config/policy-catalogue.js'
import type { PolicyName, Settings } from '../config/settings.js'

type UpstreamSettings = Partial<Pick<Settings, UpstreamName | PolicyName | TimeoutName>>
type UpstreamName =
  | 'baseUrl'
  | 'provider'
  | 'site'
  | 'sites'
  | 'checks'
  | 'checkEvery'
  | 'checkAfterCalls'
  | 'bufferBudget'
  | 'log'
  | 'logKeep'
type TimeoutName =
  | 'timeoutConnect'
  | 'timeoutFirstByte'
  | 'timeoutFirstOutput'
  | 'timeoutIdle'
  | 'timeoutStalled'
  | 'timeoutTotal'

/**
 * Converts settings into the pool's options. Settings that are not set are left to the pool's own defaults. The pool
 * itself checks the policy and refuses a wrong one.
 */
export function poolOptions(
  settings: UpstreamSettings,
  siliconflow?: (options: SiliconFlowOptions) => Provider,
): PoolOptions {
  const { baseUrl: baseURL, provider, site, bufferBudget } = settings
  const flagged = defined({
    connect: settings.timeoutConnect,
    firstByte: settings.timeoutFirstByte,
    firstOutput: settings.timeoutFirstOutput,
    idle: settings.timeoutIdle,
    stalled: settings.timeoutStalled,
    total: settings.timeoutTotal,
  })
  const policy = Object.fromEntries(policySettings.map((name) => [name, settings[name]]))
  const timeouts = joined(settings.timeouts, flagged)
  const looks = defined({ everyMs: settings.checkEvery, afterCalls: settings.checkAfterCalls })
  const checks = joined(settings.checks, looks)
  const log = requestLogOption(settings)
  const upstream = providerOf(settings, siliconflow) ?? { baseURL, provider, site }
  return defined({ ...policy, ...upstream, timeouts, checks, bufferBudget, log }) as PoolOptions
}

/** Merges the value of a file with the flags, which win; undefined when neither is set. */
function joined(given: unknown, flagged: object): unknown {
  if (Object.keys(flagged).length === 0) return given
  // A value that is not an object is left to the pool, which refuses it.
  return given === undefined || (typeof given === 'object' && given !== null)
    ? { ...given, ...flagged }
    : given
}

/** Makes a provider when addresses for both sites are set. A `baseUrl` wins over them. */
function providerOf(
  { baseUrl, provider = 'siliconflow', site, sites }: UpstreamSettings,
  siliconflow: ((options: SiliconFlowOptions) => Provider) | undefined,
): { provider: Provider } | undefined {
  if (sites === undefined || baseUrl !== undefined || siliconflow === undefined) return undefined
  if (provider !== 'siliconflow') return undefined
  const options = { sites: sites as NonNullable<SiliconFlowOptions['sites']> }
  return { provider: siliconflow(site === undefined ? options : { ...options, site }) }
}

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> }

function defined<T extends object>(given: T): Defined<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Defined<T>
}
