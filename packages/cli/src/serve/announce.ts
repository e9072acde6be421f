import type { Context } from '../context.js'
import { count } from '../render/count.js'

/** The address of a listening server, and its number of keys. */
export interface Announcement {
  readonly origin: string
  readonly host: string
  readonly port: number
  readonly keyCount: number
}

/** Announces that the server is ready: on standard error, and with `--json` as a line of JSON on standard output. */
export function announce(context: Context, { origin, host, port, keyCount }: Announcement): void {
  if (context.settings.json) {
    const line = { event: 'listening', url: origin, baseURL: `${origin}/v1`, host, port, keys: keyCount }
    context.print(JSON.stringify(line))
  }
  context.say(`listening on ${origin}`)
  if (keyCount === 0)
    context.say('the pool has no keys yet, so requests get 503 no_keys; add one with: sfpool add <key>')
  else context.detail(`${count(keyCount, 'key')} in the pool`)
}
