import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import { joinedValues } from '../wire/headers.js'
import type { ClientStack, StackClient } from './client-stack.js'
import { decodedHeaders, decodingOf, type MakeDecoder } from './decode.js'
import { NoFinalAnswerError } from './no-final-answer-error.js'
import type { TransportControl, TransportHandler, TransportRequest } from './transport.js'

/**
 * One request: undici's handler on one side, ours on the other. It uses undici 7's inner handler interface
 * (`onConnect`, `onHeaders`, `onData`…). The newer interface is a wrapper that parses every header list, needed or not,
 * for a tenth of a request's cost.
 */
export class UndiciDispatch implements TransportControl, Dispatcher.DispatchHandler {
  readonly #handler: TransportHandler
  readonly #stack: ClientStack
  readonly #client: StackClient
  #abort: ((reason?: Error) => void) | null = null
  #resume: (() => void) | null = null
  #decoding: MakeDecoder | null = null
  /** Made when the first bytes come: a reply to HEAD names a coding, and has none. */
  #decoder: Duplex | null = null
  #isPaused = false
  /** The upstream has sent everything, so its connection may already serve another request. */
  #isReceived = false
  #isOver = false

  constructor(handler: TransportHandler, stack: ClientStack) {
    this.#handler = handler
    this.#stack = stack
    this.#client = stack.take()
  }

  start({ path, method, headers, body }: TransportRequest): void {
    const { forwarding } = this.#stack
    this.#client.dispatch(
      {
        path: forwarding === null ? path : forwarding.prefix + path,
        method: method as Dispatcher.HttpMethod,
        headers: forwarding === null ? headers : [...headers, ...forwarding.headers],
        body: body as Buffer | null,
      },
      this,
    )
    // Over before it was connected: undici refused the request itself.
    if (this.#isOver && this.#abort === null) this.#stack.giveBack(this.#client)
  }

  pause(): void {
    if (this.#decoder !== null) this.#decoder.pause()
    else this.#isPaused = true
  }

  resume(): void {
    if (this.#decoder !== null) this.#decoder.resume()
    else this.#continue()
  }

  abort(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#drop()
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.#abort = abort
    this.#client.interim.expectAnswer()
    this.#handler.onSent()
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void): boolean {
    if (this.#isOver || status < 200) return true
    const refusal = this.#stack.forwarding?.refusal(status) ?? null
    if (refusal !== null) {
      this.onError(refusal)
      this.#drop()
      return true
    }
    this.#resume = resume
    const headers = lowerCaseNames(raw)
    this.#decoding = decodingOf(joinedValues(headers, 'content-encoding'))
    this.#handler.onHead(status, this.#decoding === null ? headers : decodedHeaders(headers))
    return !this.#isPaused
  }

  onData(chunk: Buffer): boolean {
    if (this.#isOver) return true
    if (this.#decoding === null) this.#handler.onData(chunk)
    else if (!this.#decode(this.#decoding, chunk)) this.#isPaused = true
    return !this.#isPaused
  }

  onComplete(): void {
    if (this.#isOver) return
    this.#isReceived = true
    if (this.#decoder === null) this.#finish()
    else this.#decoder.end()
  }

  onError(error: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#decoder?.destroy()
    this.#handler.onError(this.#client.interim.isInterimAlone ? new NoFinalAnswerError(error) : error)
  }

  #continue(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    if (!this.#isOver) this.#resume?.()
  }

  /** Decodes a chunk; false when no more should come for the moment. */
  #decode(decoding: MakeDecoder, chunk: Buffer): boolean {
    if (this.#decoder === null) {
      if (chunk.length === 0) return true
      this.#decoder = decoding(chunk[0] as number)
      this.#forwardFrom(this.#decoder)
    }
    return this.#decoder.write(chunk)
  }

  #forwardFrom(decoder: Duplex): void {
    const fail = (error: Error): void => {
      if (this.#isOver) return
      this.#drop()
      this.onError(error)
    }
    // An error that left a listener would end the process, not the request.
    const guarded = (run: () => void): void => {
      try {
        run()
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)))
      }
    }
    decoder.on('data', (chunk: Buffer) => {
      if (!this.#isOver) guarded(() => this.#handler.onData(chunk))
    })
    decoder.on('drain', () => this.#continue())
    decoder.on('end', () => guarded(() => this.#finish()))
    decoder.on('error', fail)
  }

  /** Ends a request, and its connection too as long as the answer is not complete. */
  #drop(): void {
    this.#decoder?.destroy()
    if (this.#isReceived) return
    this.#abort?.(new Error('aborted'))
    this.#stack.discard(this.#client)
  }

  /** A decoder may end before the upstream does. What comes behind its end is nothing of the answer, if it ever ends. */
  #finish(): void {
    if (this.#isOver) return
    this.#isOver = true
    if (!this.#isReceived) this.#drop()
    this.#handler.onEnd()
  }
}

function lowerCaseNames(raw: readonly Buffer[]): string[] {
  const headers: string[] = new Array(raw.length)
  for (let at = 0; at + 1 < raw.length; at += 2) {
    headers[at] = (raw[at] as Buffer).toString('latin1').toLowerCase()
    headers[at + 1] = (raw[at + 1] as Buffer).toString('latin1')
  }
  return headers
}
