import { CliError } from '../cli-error.js'
import type { SettingName } from '../config/settings.js'

/** Where each setting came from, for those that somebody set. */
export type Origins = Readonly<Partial<Record<SettingName, string>>>

/** Settings that an option breaks a rule together with. */
const partners: Readonly<Partial<Record<string, SettingName>>> = { selected: 'mode' }

/**
 * The pool's refusal of an option, with where the setting came from that it was made of. Any other error as it is.
 */
export function withOrigin(error: unknown, origins: Origins): unknown {
  const setting = settingOf(error)
  if (setting === undefined || !(error instanceof Error)) return error
  const partner = partners[setting]
  const origin = origins[setting as SettingName] ?? (partner === undefined ? undefined : origins[partner])
  return origin === undefined ? error : new CliError(`${error.message} (from ${origin})`, { cause: error })
}

/** The first word of the option's path: options and settings have the same names. */
function settingOf(error: unknown): string | undefined {
  // Known by its code rather than its class, so that a command that fails early need not load the core.
  if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'invalid_config') return undefined
  const option: unknown = Reflect.get(error, 'option')
  return typeof option === 'string' ? option.split('.')[0] : undefined
}
