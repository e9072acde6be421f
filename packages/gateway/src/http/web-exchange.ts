import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { webSink } from '@sfpool/core'
import type { Exchange } from './exchange.js'

/** A request of a web runtime as an exchange, and the response that its sink will make. */
export function webExchange(
  request: Request,
  target: string,
): { exchange: Exchange; response: Promise<Response> } {
  const { sink, response } = webSink(request.signal)
  const headers: string[] = []
  for (const [name, value] of request.headers) headers.push(name, value)
  const body = request.body === null ? null : Readable.fromWeb(request.body as ReadableStream)
  // A client that leaves while it sends its body is noticed here; later the sink notices.
  if (body !== null) request.signal.addEventListener('abort', () => body.destroy(), { once: true })
  return { exchange: { method: request.method, target, headers, body, sink }, response }
}
