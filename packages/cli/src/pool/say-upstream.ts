import type { KeyPool } from '@sfpool/core'
import type { Settings } from '../config/settings.js'
import type { Context } from '../context.js'

/**
 * Prints the upstream that gets the keys when a variable or a file chose it: a user who runs a command in a foreign
 * directory must see that the settings there point elsewhere.
 */
export function sayUpstream(context: Context, { baseURL, proxy }: Pick<KeyPool, 'baseURL' | 'proxy'>): void {
  sayIgnoredSites(context)
  const origin = context.origins.baseUrl
  if (origin === undefined || origin.startsWith('--')) context.detail(`upstream ${baseURL}`)
  else context.say(`upstream ${baseURL} (from ${origin})`)
  if (proxy !== null)
    context.say(`through the proxy ${proxy} (from ${context.origins.proxy ?? 'the environment'})`)
  if (context.origins.ca !== undefined)
    context.say(`trusting the certificates from ${context.origins.ca}, too`)
}

/** Says it when the setting `sites` is not used: another upstream was chosen, beside which it has no meaning. */
export function sayIgnoredSites({ settings, origins, say }: Context): void {
  if (origins.sites === undefined) return
  const { baseUrl, provider }: Partial<Settings> = settings
  const winner =
    baseUrl !== undefined
      ? origins.baseUrl
      : provider !== undefined && provider !== 'siliconflow'
        ? origins.provider
        : undefined
  if (winner !== undefined) say(`sites (from ${origins.sites}) is not used, because of ${winner}`)
}
