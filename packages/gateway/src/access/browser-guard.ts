import { type Refusal, refusal } from '../http/refusal.js'
import type { RequestHead } from '../http/request-head.js'
import { isLoopback } from './binding.js'
import { type CorsPolicy, isListed } from './cors.js'

const foreignOrigin = refusal(
  'foreign_origin',
  'This gateway serves programs and pages of its own machine only. To open it to others, set --client-key, SFPOOL_CLIENT_KEY or the option clientKeys.',
)

/** Keeps foreign web pages away from a gateway that is meant for this machine only (the option `localOnly`). */
export class BrowserGuard {
  readonly #isLocalOnly: boolean
  readonly #cors: CorsPolicy

  constructor(isLocalOnly: boolean, cors: CorsPolicy) {
    this.#isLocalOnly = isLocalOnly
    this.#cors = cors
  }

  /** The refusal for a request of a foreign page; undefined lets the request pass. */
  check(head: Pick<RequestHead, 'host' | 'origin'>): Refusal | undefined {
    const isForeign = this.#isLocalOnly && isForeignPage(head) && !isListed(this.#cors, head.origin)
    return isForeign ? foreignOrigin : undefined
  }
}

/** Hosts that name this machine in a URL: its addresses, and the names that the standards reserve for it. */
const isThisMachine = (hostname: string): boolean =>
  isLoopback(hostname) || hostname.toLowerCase().endsWith('.localhost')

/** A host with its port, as in a `Host` header. An IPv6 address stands in brackets. */
const hostAndPort = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/

/**
 * Whether a web page from another site sent the request, as far as a browser gives it away. Such pages can send to a
 * server that only this machine reaches, though they may not read its answers: by its address, which the `Origin`
 * shows, or by a name of theirs that resolves to this machine, which the `Host` shows. Programs send no `Origin`;
 * that of installed apps has a scheme of its own and passes.
 */
export function isForeignPage({ host, origin }: Pick<RequestHead, 'host' | 'origin'>): boolean {
  if (host !== undefined && !isThisMachine(hostAndPort.exec(host)?.[1] ?? '')) return true
  if (origin === undefined) return false
  // Pages in sandboxed frames and from files hide their origin.
  if (origin === 'null') return true
  const web = /^https?:\/\/(.*)$/i.exec(origin)
  return web !== null && !isThisMachine(hostAndPort.exec(web[1] ?? '')?.[1] ?? '')
}
