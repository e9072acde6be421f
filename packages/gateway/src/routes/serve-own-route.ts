import type { Flow, Sink } from '@sfpool/core'
import type { IncomingRequest } from '../http/incoming-request.js'
import type { OwnRoutes } from './own-routes.js'

/** What the client got as the answer. */
export interface OwnResult {
  readonly status: number
  readonly bytes: number
}

/**
 * Serves a request to one of the gateway's own routes: makes a `Request` of the exchange and writes the `Response` into
 * its sink. Bodies stay unread: none of these routes takes one, and anonymous callers must not fill the memory.
 */
export async function serveOwnRoute(incoming: IncomingRequest, routes: OwnRoutes): Promise<OwnResult> {
  const { exchange, path, sink, requestId } = incoming
  const { method } = exchange
  const headers = new Headers()
  for (let index = 0; index + 1 < exchange.headers.length; index += 2) {
    headers.append(exchange.headers[index] as string, exchange.headers[index + 1] as string)
  }
  const flow = new ResponseFlow(sink)
  const { signal } = flow
  const response = await routes.fetch(
    new Request(`http://gateway.invalid${path}`, { method, headers, signal }),
  )
  return { status: response.status, bytes: await flow.send(response, requestId) }
}

/** Writes a `Response` into a sink at the pace of the sink's reader, until the client leaves. */
class ResponseFlow implements Flow {
  readonly #sink: Sink
  readonly #left = new AbortController()
  #wake: (() => void) | undefined

  constructor(sink: Sink) {
    this.#sink = sink
    sink.attach(this)
  }

  get signal(): AbortSignal {
    return this.#left.signal
  }

  resume(): void {
    this.#wake?.()
  }

  abort(): void {
    this.#left.abort()
    this.#wake?.()
  }

  async send(response: Response, requestId: string): Promise<number> {
    if (this.signal.aborted) return 0
    const headers = ['x-request-id', requestId]
    for (const [name, value] of response.headers) headers.push(name, value)
    this.#sink.head(response.status, headers)
    let bytes = 0
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      if (this.signal.aborted) return bytes
      bytes += chunk.length
      if (!this.#sink.data(chunk)) await this.#resumed()
    }
    this.#sink.end()
    return bytes
  }

  #resumed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      if (this.signal.aborted) resolve()
    })
  }
}
