import { buildConnector } from 'undici'
import { ClientStack } from './client-stack.js'
import { forwarded, proxyConnector } from './proxy-connector.js'
import { type ProxyOptions, ProxyRules } from './proxy-options.js'
import type { Transport } from './transport.js'
import { trusting } from './trusted.js'
import { UndiciDispatch } from './undici-dispatch.js'

export interface UndiciOptions {
  /** How long a connection may take to open, in milliseconds; 0 means no limit. @default 10_000 */
  readonly connectTimeoutMs?: number
  /** The proxies to go through. @default none */
  readonly proxy?: string | ProxyOptions | undefined
  /** Authorities to trust beside the usual ones, in PEM form. @default none */
  readonly ca?: string | readonly string[] | undefined
}

/**
 * HTTP/1.1 with keep-alive through undici, which costs the least of all clients on Node. undici's own timers are off,
 * because the engine has timers of its own. Throws a `ConfigError` for a wrong proxy or authority.
 */
export function undiciTransport({ connectTimeoutMs = 10_000, proxy, ca }: UndiciOptions = {}): Transport {
  const stacks = new Map<string, ClientStack>()
  const rules = proxy === undefined ? null : new ProxyRules(proxy)
  const secureContext = ca === undefined ? undefined : trusting(ca)
  // All connections use one connector, so that they share their TLS sessions.
  const direct = buildConnector({
    timeout: connectTimeoutMs,
    ...(secureContext === undefined ? {} : { secureContext }),
  })

  const stackOf = (origin: string): ClientStack => {
    const known = stacks.get(origin)
    if (known !== undefined) return known
    const through = rules?.for(origin) ?? null
    const connect = through === null ? direct : proxyConnector({ proxy: through, direct, secureContext })
    const forwarding = through === null ? null : forwarded(through, origin)
    const stack = new ClientStack(
      origin,
      { pipelining: 1, headersTimeout: 0, bodyTimeout: 0, connect },
      forwarding,
    )
    stacks.set(origin, stack)
    return stack
  }

  return {
    dispatch(request, handler) {
      const dispatch = new UndiciDispatch(handler, stackOf(request.origin))
      dispatch.start(request)
      return dispatch
    },
    async close() {
      await Promise.all(Array.from(stacks.values(), (stack) => stack.close()))
      stacks.clear()
    },
  }
}
