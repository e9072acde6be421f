import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { webSink } from '@sfpool/core'
import type { Exchange } from './exchange.js'

/** Makes an exchange of a web runtime's request, and the response that the exchange's sink will give. */
export function webExchange(
  request: Request,
  target: string,
): { exchange: Exchange; response: Promise<Response> } {
  const { sink, response } = webSink(request.signal)
  const headers: string[] = []
  for (const [name, value] of request.headers) headers.push(name, value)
  const body = request.body === null ? null : Readable.fromWeb(request.body as ReadableStream)
  // Notices a client that leaves while it sends its body. A client that leaves later is noticed by the sink.
  if (body !== null) request.signal.addEventListener('abort', () => body.destroy(), { once: true })
  return { exchange: { method: request.method, target, headers, body, sink }, response }
}
