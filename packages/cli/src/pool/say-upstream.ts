import type { KeyPool } from '@sfpool/core'
import type { Context } from '../context.js'

/**
 * Prints the upstream that gets the keys when a variable or a file chose it: a user who runs a command in a foreign
 * directory must see that the settings there point elsewhere.
 */
export function sayUpstream(context: Context, { baseURL, proxy }: Pick<KeyPool, 'baseURL' | 'proxy'>): void {
  const origin = context.origins.baseUrl
  if (origin === undefined || origin.startsWith('--')) context.detail(`upstream ${baseURL}`)
  else context.say(`upstream ${baseURL} (from ${origin})`)
  if (proxy !== null)
    context.say(`through the proxy ${proxy} (from ${context.origins.proxy ?? 'the environment'})`)
  if (context.origins.ca !== undefined)
    context.say(`trusting the certificates from ${context.origins.ca}, too`)
}
