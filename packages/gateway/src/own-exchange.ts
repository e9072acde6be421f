import { Readable } from 'node:stream'
import { type Body, type Flow, KeyPoolError, type Sink } from '@sfpool/core'
import { sendNothing, sendRefusal } from './answer.js'
import { bodyTooLarge, type IntakeLimits, readBody } from './body-intake.js'
import type { Inbound } from './inbound.js'
import type { OwnRoutes } from './own-routes.js'
import { refusal, refusalFrom } from './refusal.js'

/** Methods that the Fetch standard forbids; no route of ours takes them. */
const unfetchable = new Set(['CONNECT', 'TRACE', 'TRACK'])

/** What the client of an own route got. */
export interface OwnResult {
  readonly status: number
  readonly bytes: number
  readonly code?: string
}

/** Serves a request of our own routes: makes a `Request` of the exchange and sends the `Response` into its sink. */
export async function serveOwn(
  inbound: Inbound,
  routes: OwnRoutes,
  limits: IntakeLimits,
): Promise<OwnResult> {
  const { exchange, sink, requestId } = inbound
  const { method } = exchange
  const answer = { sink, requestId, method }
  if (unfetchable.has(method)) {
    const refused = refusal('method_not_allowed', `${method} is not a method of the gateway's own routes.`)
    return { ...refused, bytes: sendRefusal(answer, refused) }
  }
  const body = await bodyOf(inbound, limits)
  if (KeyPoolError.isInstance(body)) {
    if (body.code === 'request_aborted') sendNothing(sink, body)
    else sendRefusal({ ...answer, close: exchange.close }, refusalFrom(body))
    return { status: body.status, code: body.code, bytes: 0 }
  }
  const flow = new ResponseFlow(sink)
  const response = await routes.fetch(requestOf(inbound, body, flow.signal))
  return { status: response.status, bytes: await flow.send(response, requestId) }
}

function requestOf({ exchange, path }: Inbound, body: Uint8Array | null, signal: AbortSignal): Request {
  const headers = new Headers()
  for (let index = 0; index + 1 < exchange.headers.length; index += 2) {
    headers.append(exchange.headers[index] as string, exchange.headers[index + 1] as string)
  }
  const init: RequestInit = { method: exchange.method, headers, signal }
  if (body !== null && exchange.method !== 'GET' && exchange.method !== 'HEAD')
    init.body = Uint8Array.from(body)
  return new Request(`http://gateway.invalid${path}`, init)
}

function bodyOf(
  { exchange, head }: Inbound,
  { maxBody }: IntakeLimits,
): Promise<Uint8Array | KeyPoolError | null> {
  const { body } = exchange
  if (!(body instanceof Readable)) return Promise.resolve(body)
  if (head.contentLength !== undefined && head.contentLength > maxBody) {
    return Promise.resolve(bodyTooLarge(maxBody))
  }
  exchange.onRead?.()
  return new Promise((resolve) => {
    const onBody = (result: Body | KeyPoolError | null): void => {
      if (result === null || KeyPoolError.isInstance(result)) resolve(result)
      // The replay limit is the body limit here, so a stream never comes back.
      else resolve('bytes' in result ? result.bytes : result.head)
    }
    readBody(body, { maxBody, replayLimit: maxBody }, onBody)
  })
}

/** Carries a `Response` into a sink, at the pace of its reader, until the client leaves. */
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
    const headers = ['x-request-id', requestId]
    for (const [name, value] of response.headers) headers.push(name, value)
    this.#sink.head(response.status, headers)
    let bytes = 0
    if (response.body !== null) {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        if (this.signal.aborted) break
        bytes += chunk.length
        if (!this.#sink.data(chunk)) await this.#resumed()
      }
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
