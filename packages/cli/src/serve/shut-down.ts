import type { Server } from 'node:http'

/** How often idle connections are closed. A client with an idle connection must not delay the shutdown. */
const idleSweepMs = 100

/** How a server ended: all requests finished, or some were cut off. */
export type Ending = 'finished' | 'cut'

/**
 * Stops accepting connections and lets running requests finish. Cuts the remaining requests after `timeoutMs`, or when
 * the user does not wait. Resolves when every connection is closed.
 */
export function shutDown(
  server: Server,
  { timeoutMs, ending }: { timeoutMs: number; ending: AbortSignal },
): Promise<Ending> {
  return new Promise((resolve) => {
    let how: Ending = 'finished'
    const cut = (): void => {
      how = 'cut'
      server.closeAllConnections()
    }
    const deadline = setTimeout(cut, timeoutMs)
    ending.addEventListener('abort', cut, { once: true })
    // Node.js closes idle connections only once, in close(). Connections that become idle later are closed here.
    const sweep = setInterval(() => server.closeIdleConnections(), idleSweepMs)
    server.close(() => {
      clearTimeout(deadline)
      clearInterval(sweep)
      ending.removeEventListener('abort', cut)
      resolve(how)
    })
    if (ending.aborted) cut()
  })
}
