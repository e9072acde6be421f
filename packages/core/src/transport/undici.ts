import type { Transform } from 'node:stream'
import { buildConnector, type Client, type Dispatcher } from 'undici'
import { headerValue } from '../wire/headers.js'
import { ClientStack } from './client-stack.js'
import { decodedHeaders, decoderFor } from './decode.js'
import type { Transport, TransportControl, TransportHandler, TransportRequest } from './transport.js'

export interface UndiciOptions {
  /** Until a connection must be there, in milliseconds; 0 means no limit. @default 10_000 */
  readonly connectTimeoutMs?: number
}

/**
 * HTTP/1.1 with keep-alive through undici, which costs the least of all clients on Node. It speaks undici 7's inner
 * handler interface (`onConnect`, `onHeaders`, `onData`…): its newer one is a wrapper that parses every header list
 * whether or not anyone looks, for a tenth of a request's cost. undici's own timers are off; the engine keeps time.
 */
export function undiciTransport({ connectTimeoutMs = 10_000 }: UndiciOptions = {}): Transport {
  const stacks = new Map<string, ClientStack>()
  // One for all connections, so that they share their TLS sessions.
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
      const dispatch = new Dispatch(handler, stackOf(request.origin))
      dispatch.start(request)
      return dispatch
    },
    async close() {
      await Promise.all(Array.from(stacks.values(), (stack) => stack.close()))
      stacks.clear()
    },
  }
}

/** One request: undici's handler on one side, ours on the other. */
class Dispatch implements TransportControl, Dispatcher.DispatchHandler {
  readonly #handler: TransportHandler
  readonly #stack: ClientStack
  readonly #client: Client
  #abort: ((reason?: Error) => void) | null = null
  #resume: (() => void) | null = null
  #decoder: Transform | null = null
  #isPaused = false
  #hasBody = false
  /** The upstream has sent everything, and its connection may serve another request by now. */
  #isReceived = false
  #isOver = false

  constructor(handler: TransportHandler, stack: ClientStack) {
    this.#handler = handler
    this.#stack = stack
    this.#client = stack.take()
  }

  start({ path, method, headers, body }: TransportRequest): void {
    this.#client.dispatch(
      { path, method: method as Dispatcher.HttpMethod, headers, body: body as Buffer | null },
      this,
    )
    // Over before it was connected: undici found fault with the request itself.
    if (this.#isOver && this.#abort === null) this.#stack.giveBack(this.#client)
  }

  pause(): void {
    if (this.#decoder !== null) this.#decoder.pause()
    else this.#isPaused = true
  }

  resume(): void {
    if (this.#decoder !== null) this.#decoder.resume()
    else this.#readOn()
  }

  abort(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#drop()
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.#abort = abort
    this.#handler.onSent()
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void): boolean {
    if (this.#isOver || status < 200) return true
    this.#resume = resume
    const headers = lowerNames(raw)
    this.#decoder = decoderFor(headerValue(headers, 'content-encoding'))
    if (this.#decoder === null) {
      this.#handler.onHead(status, headers)
    } else {
      this.#readFrom(this.#decoder)
      this.#handler.onHead(status, decodedHeaders(headers))
    }
    return !this.#isPaused
  }

  onData(chunk: Buffer): boolean {
    if (this.#isOver) return true
    this.#hasBody = true
    if (this.#decoder === null) this.#handler.onData(chunk)
    else if (!this.#decoder.write(chunk)) this.#isPaused = true
    return !this.#isPaused
  }

  onComplete(): void {
    if (this.#isOver) return
    this.#isReceived = true
    // A reply to HEAD names a coding but brings no bytes, which a decoder would take for a broken body.
    if (this.#decoder === null || !this.#hasBody) this.#finish()
    else this.#decoder.end()
  }

  onError(error: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#decoder?.destroy()
    this.#handler.onError(error)
  }

  #readOn(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    if (!this.#isOver) this.#resume?.()
  }

  #readFrom(decoder: Transform): void {
    decoder.on('data', (chunk: Buffer) => {
      if (!this.#isOver) this.#handler.onData(chunk)
    })
    decoder.on('drain', () => this.#readOn())
    decoder.on('end', () => this.#finish())
    decoder.on('error', (error) => {
      if (this.#isOver) return
      this.onError(error)
      this.#drop()
    })
  }

  /** Lets go of a request, and of its connection while that is busy with it. */
  #drop(): void {
    this.#decoder?.destroy()
    if (this.#isReceived) return
    this.#abort?.(new Error('aborted'))
    this.#stack.discard(this.#client)
  }

  #finish(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#handler.onEnd()
  }
}

function lowerNames(raw: readonly Buffer[]): string[] {
  const headers: string[] = new Array(raw.length)
  for (let at = 0; at + 1 < raw.length; at += 2) {
    headers[at] = (raw[at] as Buffer).toString('latin1').toLowerCase()
    headers[at + 1] = (raw[at + 1] as Buffer).toString('latin1')
  }
  return headers
}
