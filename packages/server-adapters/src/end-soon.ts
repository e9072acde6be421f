import type { Duplex } from 'node:stream'
import type { Runtime } from '@sfpool/core'

/** How long a client may take to close its side of a connection that was answered for the last time. */
export const lingerMs = 2_000

/**
 * Ends a connection behind its last answer. Destroying it at once would make the system discard the answer together
 * with unread bytes, so these are dropped until the client ends its side, too. One that keeps it open is cut.
 */
export function endSoon(
  socket: Duplex,
  { setTimer, clearTimer }: Pick<Runtime, 'setTimer' | 'clearTimer'>,
): void {
  if (socket.destroyed) return
  const timer = setTimer(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimer(timer))
  socket.resume()
  socket.end()
}
