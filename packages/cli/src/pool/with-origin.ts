import { CliError } from '../cli-error.js'
import type { SettingName } from '../config/settings.js'

/** Where the value of each setting came from. Settings left at their default are missing. */
export type Origins = Readonly<Partial<Record<SettingName, string>>>

/** Settings that can break a rule together with another setting. */
const partners: Readonly<Partial<Record<string, SettingName>>> = { selected: 'mode' }

/**
 * Adds to the pool's refusal of an option where its setting came from. Returns any other error unchanged.
 */
export function withOrigin(error: unknown, origins: Origins): unknown {
  const setting = settingOf(error)
  if (setting === undefined || !(error instanceof Error)) return error
  const partner = partners[setting]
  const origin = origins[setting as SettingName] ?? (partner === undefined ? undefined : origins[partner])
  return origin === undefined ? error : new CliError(`${error.message} (from ${origin})`, { cause: error })
}

/** Returns the first part of the refused option's path: options and settings have the same names. */
function settingOf(error: unknown): string | undefined {
  // Recognised by its code, not its class, so that a command that fails early need not load the core.
  if (!(error instanceof Error) || Reflect.get(error, 'code') !== 'invalid_config') return undefined
  const option: unknown = Reflect.get(error, 'option')
  return typeof option === 'string' ? option.split('.')[0] : undefined
}
