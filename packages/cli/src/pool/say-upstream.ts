import type { KeyPool } from '@sfpool/core'
import type { Context } from '../context.js'

/**
 * Says where keys are about to be sent when a variable or a file decided it: whoever runs a command in a directory
 * of someone else's should see that its settings point elsewhere.
 */
export function sayUpstream(context: Context, { baseURL }: Pick<KeyPool, 'baseURL'>): void {
  const origin = context.origins.baseUrl
  if (origin === undefined || origin.startsWith('--')) context.detail(`upstream ${baseURL}`)
  else context.say(`upstream ${baseURL} (from ${origin})`)
}
