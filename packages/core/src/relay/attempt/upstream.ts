import type { Readable } from 'node:stream'
import { ByteBudget } from '../../collections/byte-budget.js'
import { KeyPoolError } from '../../errors.js'
import type { Provider } from '../../provider/provider.js'
import type { Runtime } from '../../runtime/runtime.js'
import type { Transport, TransportRequest } from '../../transport/transport.js'
import type { Body } from '../request/body.js'
import type { Call } from '../request/call.js'
import type { ModelTimeouts } from './timeouts.js'

interface Address {
  readonly origin: string
  /** The base URL's path, as in `/v1`. */
  readonly prefix: string
}

/** The upstream that calls go to: a provider's sites, the transport to them, and the time limits. */
export class Upstream {
  readonly provider: Provider
  readonly transport: Transport
  readonly timeouts: ModelTimeouts
  readonly runtime: Runtime
  /** Counts the bytes of answers that are held back. */
  readonly buffers: ByteBudget
  readonly #addresses = new Map<string, Address>()

  constructor(given: {
    provider: Provider
    transport: Transport
    timeouts: ModelTimeouts
    runtime: Runtime
    buffers?: ByteBudget
  }) {
    this.provider = given.provider
    this.transport = given.transport
    this.timeouts = given.timeouts
    this.runtime = given.runtime
    this.buffers = given.buffers ?? new ByteBudget(Number.POSITIVE_INFINITY)
  }

  /** The base URL of a site; an unknown site has the one of the pool's own site. */
  baseURL(site: string): string {
    const { sites, site: own } = this.provider
    return (Object.hasOwn(sites, site) ? sites[site] : sites[own]) ?? ''
  }

  /** Creates the request for a call under a key. `onPiece` runs for each piece of a body that is sent in pieces. */
  request(call: Call, site: string, token: string, onPiece: () => void = () => {}): TransportRequest {
    const { origin, prefix } = this.#address(site)
    const credential = call.credentialHeader === 'x-api-key' ? token : `Bearer ${token}`
    return {
      origin,
      path: prefix + call.path,
      method: call.method,
      headers: [...call.headers, call.credentialHeader, credential],
      body: call.body === null ? null : sendable(call.body, onPiece),
    }
  }

  #address(site: string): Address {
    const known = this.#addresses.get(site)
    if (known !== undefined) return known
    const url = new URL(this.baseURL(site))
    const address = { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') }
    this.#addresses.set(site, address)
    return address
  }
}

function sendable(body: Body, onPiece: () => void): TransportRequest['body'] {
  return 'bytes' in body ? body.bytes : wholeStream(body.head, body.stream, onPiece)
}

/** The whole body. An early answer of the upstream does not destroy it: that would close the client's connection. */
async function* wholeStream(
  head: Uint8Array,
  stream: Readable,
  onPiece: () => void,
): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head
  try {
    for await (const piece of stream.iterator({ destroyOnReturn: false })) {
      onPiece()
      yield piece
    }
  } catch (cause) {
    throw new KeyPoolError('request_aborted', 'The request broke off before it was sent whole', { cause })
  }
}
