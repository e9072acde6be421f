import { connect as connectPlain, isIP, isIPv6, type Socket } from 'node:net'
import { connect as connectSecure, type SecureContext } from 'node:tls'
import type { buildConnector } from 'undici'
import { Handshake } from './handshake.js'
import type { ProxyAddress } from './proxy-options.js'
import { openSocks5 } from './socks5.js'

type Connector = buildConnector.connector

export interface ProxyConnectorParts {
  readonly proxy: ProxyAddress
  /** Makes connections to upstreams; here it adds TLS to a connection that a proxy has opened. */
  readonly direct: Connector
  /** Whom to trust as an HTTPS proxy; undefined for the system's authorities. */
  readonly secureContext: SecureContext | undefined
}

/**
 * Makes connections through a proxy: a tunnel by CONNECT or by SOCKS5. Requests to plain HTTP upstreams are handed to an
 * HTTP proxy without a tunnel, because many proxies refuse tunnels to ports other than 443; see `forwarded`.
 */
export function proxyConnector({ proxy, direct, secureContext }: ProxyConnectorParts): Connector {
  // The connector returns its socket, though its type does not say so: `ClientStack` destroys it on an abort.
  const connector = (where: buildConnector.Options, callback: buildConnector.Callback): Socket => {
    const socket = connectTo(proxy, secureContext)
    const opened = isForwarded(proxy, where.protocol) ? ready(proxy, socket) : tunnel(proxy, socket, where)
    opened.then(
      () => {
        if (where.protocol === 'https:') direct({ ...where, httpSocket: socket }, callback)
        else callback(null, socket)
      },
      (error: Error) => {
        socket.destroy()
        callback(named(error, proxy), null)
      },
    )
    return socket
  }
  return connector as Connector
}

/** How a request is handed to an HTTP proxy that forwards it: what goes before its path, and further headers. */
export interface Forwarding {
  readonly prefix: string
  readonly headers: readonly string[]
  /** The error for an answer that is the proxy's own; null for one of the upstream. */
  readonly refusal: (status: number) => Error | null
}

/** How requests to an origin are forwarded; null when they go through a tunnel. */
export function forwarded(proxy: ProxyAddress, origin: string): Forwarding | null {
  if (!isForwarded(proxy, new URL(origin).protocol)) return null
  return {
    prefix: origin,
    headers: proxy.login === null ? [] : ['proxy-authorization', basic(proxy.login)],
    // No upstream asks for that, and a client would take it for a refusal of its own key.
    refusal: (status) => (status === 407 ? named(new Error(loginWanted), proxy) : null),
  }
}

const isForwarded = ({ kind }: ProxyAddress, protocol: string): boolean =>
  kind !== 'socks5' && protocol === 'http:'

function connectTo(
  { kind, hostname: host, port }: ProxyAddress,
  secureContext: SecureContext | undefined,
): Socket {
  const socket =
    kind === 'https'
      ? connectSecure({
          host,
          port,
          servername: isIP(host) === 0 ? host : '',
          ...(secureContext && { secureContext }),
        })
      : connectPlain({ host, port })
  return socket.setNoDelay(true).setKeepAlive(true, 60_000)
}

/** Resolves when the connection to the proxy is open. */
function ready({ kind }: ProxyAddress, socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(kind === 'https' ? 'secureConnect' : 'connect', () => resolve())
    socket.on('error', reject)
    socket.once('close', () => reject(new Error('the connection was closed')))
  })
}

async function tunnel(proxy: ProxyAddress, socket: Socket, where: buildConnector.Options): Promise<void> {
  await ready(proxy, socket)
  const handshake = new Handshake(socket)
  const { hostname } = where
  const port = where.port === '' ? (where.protocol === 'https:' ? 443 : 80) : Number(where.port)
  if (proxy.kind === 'socks5') await openSocks5(proxy, handshake, { hostname, port })
  else await openTunnel(proxy, handshake, `${isIPv6(hostname) ? `[${hostname}]` : hostname}:${port}`)
  handshake.end()
}

const loginWanted = 'it asks for a login, or for another one'

async function openTunnel({ login }: ProxyAddress, handshake: Handshake, target: string): Promise<void> {
  const authorization = login === null ? '' : `proxy-authorization: ${basic(login)}\r\n`
  handshake.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n${authorization}\r\n`)
  const head = await handshake.takeHead()
  const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(head) ?? []
  if (status === undefined) throw new Error('the proxy does not answer like an HTTP proxy')
  if (status[0] === '2') return
  const why = status === '407' ? loginWanted : `it answered ${status}`
  throw new Error(`the proxy refused the connection to ${target}: ${why}`)
}

const basic = ({ user, password }: { user: string; password: string }): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

/** Names the proxy in an error, so that nobody looks for the fault at the upstream. Its code is kept. */
function named(error: Error, { shown }: ProxyAddress): Error {
  const told = new Error(`through the proxy ${shown}: ${error.message}`, { cause: error })
  const code: unknown = Reflect.get(error, 'code')
  return code === undefined ? told : Object.assign(told, { code })
}
