import { ConfigError } from '../../errors.js'
import type { Provider } from '../../provider/provider.js'
import type { RelayReport } from '../report.js'
import { type Call, createCall } from '../request/call.js'
import type { Sink } from './sink.js'
import { webSink } from './web-sink.js'

export interface PoolFetchParts {
  readonly provider: Provider
  /** The beginning of every request's URL. */
  readonly baseURL: string
  readonly relay: (call: Call, sink: Sink) => Promise<RelayReport>
}

/**
 * Creates a drop-in `fetch`: a request below the pool's base URL goes out under a key of the pool, with failover. The
 * caller's authorization is replaced. Errors of the pool (no key, no upstream) are responses too, so that SDKs show
 * their message. The promise rejects only when its signal fires or the URL lies elsewhere.
 */
export function poolFetch({ provider, baseURL, relay }: PoolFetchParts): typeof fetch {
  const base = new URL(baseURL).href
  // A request's signal follows the caller's only until the request is collected as garbage, so it is kept.
  const underWay = new Set<object>()
  return async (input, init) => {
    const request = new Request(input, init)
    request.signal.throwIfAborted()
    const path = pathBelow(base, request.url)
    const bytes = request.body === null ? null : new Uint8Array(await request.arrayBuffer())
    const headers: string[] = []
    request.headers.forEach((value, name) => {
      headers.push(name, value)
    })
    const call = createCall(
      { method: request.method, path, headers, body: bytes === null ? null : { bytes } },
      provider,
    )
    const kept = { input, request }
    underWay.add(kept)
    const { sink, response } = webSink(request.signal)
    void relay(call, sink).finally(() => underWay.delete(kept))
    return response
  }
}

function pathBelow(base: string, url: string): string {
  const path = url.startsWith(base) ? url.slice(base.length) : null
  if (path === null || (path !== '' && path[0] !== '/' && path[0] !== '?')) {
    throw new ConfigError('fetch url', `must begin with the pool's base URL ${base}`, new URL(url).origin)
  }
  const fragment = path.indexOf('#')
  return fragment === -1 ? path : path.slice(0, fragment)
}
