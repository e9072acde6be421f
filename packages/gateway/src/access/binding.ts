import { ConfigError } from '@sfpool/core'

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?|\[?::ffff:127(?:\.\d{1,3}){3}\]?)$/i

/** Whether a server that listens on the host is open to this machine only. Of names, only `localhost` counts. */
export function isLoopback(host: string): boolean {
  return loopback.test(host)
}

/**
 * Refuses to open the pool to anonymous callers of other machines: a host that they can reach needs a client key. A
 * server calls this before it listens, with the options that the gateway gets. Throws a `ConfigError`.
 */
export function assertSafeBinding(
  host: string,
  { clientKeys = [] }: { readonly clientKeys?: readonly string[] | undefined },
): void {
  if (clientKeys.length > 0 || isLoopback(host)) return
  throw new ConfigError(
    'host',
    'is open to other machines, so clients need a key: set --client-key, SFPOOL_CLIENT_KEY or the option clientKeys, or listen on 127.0.0.1',
    host,
  )
}
