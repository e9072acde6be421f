import type { ServerResponse } from 'node:http'
import { type Flow, type KeyPoolError, nodeSink, type Sink } from '@sfpool/core'

/** Whether middleware replaced the response's `writeHead`, as compression, sessions and access logs do. */
export function isPatched(response: ServerResponse): boolean {
  return Object.hasOwn(response, 'writeHead')
}

/**
 * Writes to a response whose `writeHead` was replaced by middleware. Much of that middleware (`on-headers` before 1.1)
 * misreads a flat list of headers, so this sink sets them one by one.
 */
export class PatchedResponseSink implements Sink {
  readonly #response: ServerResponse
  readonly #sink: Sink

  constructor(response: ServerResponse) {
    this.#response = response
    this.#sink = nodeSink(response)
  }

  attach(flow: Flow): void {
    this.#sink.attach(flow)
  }

  head(status: number, headers: readonly string[]): void {
    const response = this.#response
    // The answer's headers replace those that the app set. A name that the answer has twice stays twice.
    for (let index = 0; index < headers.length; index += 2) response.removeHeader(headers[index] as string)
    for (let index = 0; index + 1 < headers.length; index += 2) {
      response.appendHeader(headers[index] as string, headers[index + 1] as string)
    }
    response.writeHead(status)
  }

  data(chunk: Uint8Array): boolean {
    return this.#sink.data(chunk)
  }

  end(chunk?: Uint8Array): void {
    this.#sink.end(chunk)
  }

  fail(error: KeyPoolError): void {
    this.#sink.fail(error)
  }

  unsent(): number {
    return this.#sink.unsent?.() ?? 0
  }

  progress(): number {
    return this.#sink.progress?.() ?? 0
  }

  cut(error: KeyPoolError): void {
    this.#sink.cut?.(error)
  }
}
