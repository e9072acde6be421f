import type { Server } from 'node:http'

/** A client that keeps its connection open without using it must not hold up the end for its whole keep-alive time. */
const idleSweepMs = 100

/** How a server came to its end. */
export type Ending = 'finished' | 'cut'

/**
 * Stops accepting, lets running requests finish, and cuts those that still run when the time is up or the user will
 * not wait. Resolves when every connection is closed.
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
    // Node.js closes idle connections once, at the call of close; those that fall idle later are ours to close.
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
