import { buildConnector } from 'undici'
import { ClientStack } from './client-stack.js'
import type { Transport } from './transport.js'
import { UndiciDispatch } from './undici-dispatch.js'

export interface UndiciOptions {
  /** How long a connection may take to open, in milliseconds; 0 means no limit. @default 10_000 */
  readonly connectTimeoutMs?: number
}

/**
 * HTTP/1.1 with keep-alive through undici, which costs the least of all clients on Node. undici's own timers are off,
 * because the engine has timers of its own.
 */
export function undiciTransport({ connectTimeoutMs = 10_000 }: UndiciOptions = {}): Transport {
  const stacks = new Map<string, ClientStack>()
  // All connections use one connector, so that they share their TLS sessions.
  const connect = buildConnector({ timeout: connectTimeoutMs })

  const stackOf = (origin: string): ClientStack => {
    const known = stacks.get(origin)
    if (known !== undefined) return known
    const stack = new ClientStack(origin, {
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect,
    })
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
