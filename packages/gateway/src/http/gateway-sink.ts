import type { Flow, KeyPoolError, Sink } from '@sfpool/core'

/**
 * Writes to the exchange's sink, and replaces the upstream's CORS headers by those of the gateway's policy. The `*` of
 * an upstream would let any web page read from a gateway that is meant for this machine only.
 */
export class GatewaySink implements Sink {
  /** Whether an answer has begun; no other answer can replace it then. */
  hasHead = false
  readonly #sink: Sink
  readonly #policy: readonly string[]

  /** `policy` holds the headers of every answer, as a flat list. */
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
