import { CliError } from '../cli-error.js'
import type { SettingName } from '../config/settings.js'

/** Where the value of each setting came from. Settings left at their default are missing. */
export type Origins = Readonly<Partial<Record<SettingName, string>>>

/** Settings that can break a rule together with another setting. */
const partners: Readonly<Partial<Record<string, SettingName>>> = {
  selected: 'mode',
  baseUrl: 'provider',
  log: 'logKeep',
}

/** Options of the pool that users of the command know by another name. Settings and options have the same names else. */
const flags: Readonly<Partial<Record<string, { readonly setting: SettingName; readonly flag: string }>>> = {
  baseURL: { setting: 'baseUrl', flag: '--base-url' },
  proxy: { setting: 'proxy', flag: '--proxy' },
  ca: { setting: 'ca', flag: '--ca' },
  site: { setting: 'site', flag: '--site' },
  provider: { setting: 'provider', flag: '--provider' },
  bufferBudget: { setting: 'bufferBudget', flag: '--buffer-budget' },
}

/**
 * Adds to the pool's refusal of an option where its setting came from, and names the setting as its user does. Returns
 * any other error unchanged.
 */
export function withOrigin(error: unknown, origins: Origins): unknown {
  const option = optionOf(error)
  if (option === undefined || !(error instanceof Error)) return error
  const [first = ''] = option.split('.')
  const known = flags[first]
  const setting = known?.setting ?? (first as SettingName)
  const message = known === undefined ? error.message : `${known.flag}${error.message.slice(option.length)}`
  const partner = partners[setting]
  const origin = origins[setting] ?? (partner === undefined ? undefined : origins[partner])
  if (origin === undefined && known === undefined) return error
  return new CliError(origin === undefined ? message : `${message} (from ${origin})`, { cause: error })
}

/** The path of the refused option, with which the message begins. */
function optionOf(error: unknown): string | undefined {
  // Recognised by its code, not its class, so that a command that fails early need not load the core.
  if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'invalid_config') return undefined
  const option: unknown = Reflect.get(error, 'option')
  return typeof option === 'string' && error.message.startsWith(option) ? option : undefined
}
