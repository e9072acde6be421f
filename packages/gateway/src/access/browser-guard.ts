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

  /**
   * The refusal for a request that another site's page sent without an `Origin`, as for an image. Such a page can read
   * nothing of the answer, but it would spend a call.
   */
  checkSite({ fetchSite, origin }: Pick<RequestHead, 'fetchSite' | 'origin'>): Refusal | undefined {
    const isForeign = this.#isLocalOnly && fetchSite === 'cross-site' && !isListed(this.#cors, origin)
    return isForeign ? foreignOrigin : undefined
  }
}

/** Hosts that name this machine in a URL: its addresses, and the names that the standards reserve for it. */
const isThisMachine = (hostname: string): boolean =>
  isLoopback(hostname) || hostname.toLowerCase().endsWith('.localhost')

/** A host with its port, as in a `Host` header. An IPv6 address stands in brackets. */
const hostAndPort = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/

/**
 * Whether a web page of another site sent the request, as far as the browser's headers show it. Such a page cannot
 * read the answers of a server that only this machine reaches, but it can send to it. If it uses the server's address,
 * `Origin` names the page's site. If it uses a name of its own that resolves to this machine, `Host` holds that name.
 * Programs send no `Origin`. The origin of an installed app has a scheme of its own and passes.
 */
export function isForeignPage({ host, origin }: Pick<RequestHead, 'host' | 'origin'>): boolean {
  if (host !== undefined && !isThisMachine(hostAndPort.exec(host)?.[1] ?? '')) return true
  if (origin === undefined) return false
  // Pages in sandboxed frames and from files hide their origin.
  if (origin === 'null') return true
  const web = /^https?:\/\/(.*)$/i.exec(origin)
  return web !== null && !isThisMachine(hostAndPort.exec(web[1] ?? '')?.[1] ?? '')
}
