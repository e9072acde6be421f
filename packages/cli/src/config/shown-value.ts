import { scrub } from '../render/scrub.js'
import type { Setting } from './setting.js'
import type { SettingName } from './settings.js'

/** What stands for a secret. Its length is not told. */
export const hiddenValue = '••••••••'

/** A parsed value as it may be printed: a secret is hidden, and of a proxy only the login. Null for none. */
export function shownValue(name: SettingName, setting: Setting<unknown>, value: unknown): unknown {
  if (value === undefined) return null
  return withoutSecret(name, setting, setting.written === undefined ? value : setting.written(value))
}

/** The same for a value as it was written. */
export function withoutSecret(name: SettingName, setting: Setting<unknown>, written: unknown): unknown {
  if (name === 'proxy') return scrub(String(written))
  // The token of a server stands in its address.
  if (name === 'store') return scrub(String(written)).replace(/([?&]authToken=)[^&#]*/gi, `$1${hiddenValue}`)
  if (setting.isSecret !== true) return written
  return Array.isArray(written) ? written.map(() => hiddenValue) : hiddenValue
}

/** The default as help describes it; undefined for none. */
export function shownFallback(setting: Setting<unknown>): string | undefined {
  const { shownFallback: described, fallback } = setting
  return described ?? (fallback === undefined ? undefined : textOf(fallback))
}

/** A value in one line: text as it is, anything else as JSON. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
