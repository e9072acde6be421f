import type { Flow, KeyPoolError, Sink } from '@sfpool/core'

/**
 * The exchange's sink behind the gateway's policy for web pages, which takes the place of whatever the upstream says
 * of other origins: its `*` would let any web page read from a gateway that only this machine was meant to use.
 */
export class GatewaySink implements Sink {
  /** Whether an answer has begun, so that no other can take its place. */
  hasHead = false
  readonly #sink: Sink
  readonly #policy: readonly string[]

  /** `policy`: headers for every answer, as a flat list. */
  constructor(sink: Sink, policy: readonly string[]) {
    this.#sink = sink
    this.#policy = policy
  }

  attach(flow: Flow): void {
    this.#sink.attach(flow)
  }

  head(status: number, headers: readonly string[]): void {
    this.hasHead = true
    let kept: string[] | undefined
    for (let index = 0; index < headers.length; index += 2) {
      if (headers[index]?.startsWith('access-control-')) kept ??= headers.slice(0, index)
      else kept?.push(headers[index] as string, headers[index + 1] as string)
    }
    const rest = kept ?? headers
    this.#sink.head(status, this.#policy.length === 0 ? rest : rest.concat(this.#policy))
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
}
