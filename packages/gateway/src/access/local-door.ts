import type { RequestHead } from '../http/request-head.js'
import { isLoopback } from './binding.js'

/** Hosts that name this machine in a URL: its addresses, and the names that the standards reserve for it. */
const isThisMachine = (hostname: string): boolean =>
  isLoopback(hostname) || hostname.toLowerCase().endsWith('.localhost')

/** A host with its port, as in a `Host` header. An IPv6 address stands in brackets. */
const hostAndPort = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/

/**
 * Whether a web page of somebody else's sent the request, as far as a browser gives it away. Such pages can send to a
 * server that only this machine reaches, though they may not read its answers: by its address, which the `Origin`
 * shows, or by a name of theirs that resolves to this machine, which the `Host` shows. Programs send no `Origin`;
 * that of installed apps has a scheme of its own and passes.
 */
export function isForeignPage({ host, origin }: Pick<RequestHead, 'host' | 'origin'>): boolean {
  if (host !== undefined && !isThisMachine(hostAndPort.exec(host)?.[1] ?? '')) return true
  if (origin === undefined) return false
  // Pages in sandboxed frames and from files: nobody can tell whose they are.
  if (origin === 'null') return true
  const web = /^https?:\/\/(.*)$/i.exec(origin)
  return web !== null && !isThisMachine(hostAndPort.exec(web[1] ?? '')?.[1] ?? '')
}
