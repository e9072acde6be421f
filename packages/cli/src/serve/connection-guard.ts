import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { errorText } from './error-text.js'
import type { OpenFiles } from './open-files.js'

type Listener = (request: IncomingMessage, response: ServerResponse) => void

/** Connections beyond the served ones, on which requests are refused and health checks answered. */
const room = 16
/** Descriptors for files, the store and look-ups of names. */
const reserved = 16

const refusal = errorText({
  message:
    'This server has as many connections as its limit of open files allows. Send the request again; if that goes on, raise the limit (ulimit -n).',
  type: 'server_error',
  code: 'overloaded',
})

/** How many connections can be served: each may need another one to the upstream. Infinity where nothing is known. */
export function maxConnections(files: OpenFiles | undefined): number {
  if (files === undefined) return Number.POSITIVE_INFINITY
  return Math.max(1, Math.floor((files.limit - files.used - reserved - room) / 2))
}

/**
 * Keeps a server from running out of descriptors, when it could not even tell its health. Above `max` connections those
 * that are idle or have never sent a request are closed, the oldest first; what is busy then stays, further requests get
 * 503, and health checks are answered. Returns what wraps the server's request listeners.
 */
export function guardConnections(server: Server, max: number): (listener: Listener) => Listener {
  if (max === Number.POSITIVE_INFINITY) return (listener) => listener
  const silent = new Set<Socket>()
  let open = 0
  // Node accepts and closes what is above it: without a limit, nobody could be accepted at all.
  server.maxConnections = max + room
  server.on('connection', (socket: Socket) => {
    open++
    silent.add(socket)
    socket.once('close', () => {
      open--
      silent.delete(socket)
    })
    if (open <= max) return
    server.closeIdleConnections()
    const [oldest] = silent
    if (oldest !== socket) oldest?.destroy()
  })
  return (listener) => (request, response) => {
    silent.delete(request.socket)
    if (open <= max || isHealthCheck(request)) return listener(request, response)
    refuse(request, response)
  }
}

const isHealthCheck = ({ url = '' }: IncomingMessage): boolean => /^\/(?:healthz|readyz)\/?(?:\?|$)/.test(url)

function refuse(request: IncomingMessage, response: ServerResponse): void {
  // The body is not waited for, but what has come of it must be read, or the system would discard the answer.
  request.resume()
  response.writeHead(503, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(refusal),
    'retry-after': '1',
    connection: 'close',
  })
  response.end(refusal)
}
