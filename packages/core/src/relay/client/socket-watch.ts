import type { Socket } from 'node:net'
import type { Flow } from './sink.js'

/** The flows to end when a socket closes. One listener serves all of a socket's requests. */
const watched = new WeakMap<Socket, Set<Flow>>()

/** Ends the flow when the socket closes: at once if it is closed already. */
export function watchSocket(socket: Socket, flow: Flow): void {
  if (socket.destroyed) return flow.abort()
  let flows = watched.get(socket)
  if (flows === undefined) {
    flows = new Set()
    watched.set(socket, flows)
    const ending = flows
    socket.once('close', () => {
      for (const one of ending) one.abort()
      ending.clear()
    })
  }
  flows.add(flow)
}

/** Forgets a flow that ended before its socket. */
export function unwatchSocket(socket: Socket, flow: Flow): void {
  watched.get(socket)?.delete(flow)
}
