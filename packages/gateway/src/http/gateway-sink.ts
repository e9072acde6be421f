import type { Flow, KeyPoolError, Sink } from '@sfpool/core'

const eventStream = /^\s*text\/event-stream\b/i

/** Proxies with nginx's defaults hold a stream back until it ends, and others compress it, unless told not to. */
const unbuffered: readonly string[] = ['x-accel-buffering', 'no']
const unbufferedAndUnchanged: readonly string[] = [...unbuffered, 'cache-control', 'no-transform']

/**
 * Writes to the exchange's sink, lets streams pass proxies unbuffered, and replaces the upstream's CORS headers by those of the gateway's policy. The `*` of
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
    let isStream = false
    let hasCaching = false
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index] as string
      if (name.startsWith('access-control-')) kept ??= headers.slice(0, index)
      else kept?.push(name, headers[index + 1] as string)
      if (name.length !== 12 && name.length !== 13) continue
      if (name === 'content-type') isStream = eventStream.test(headers[index + 1] as string)
      else if (name === 'cache-control') hasCaching = true
    }
    let sent = kept ?? headers
    if (isStream) sent = sent.concat(hasCaching ? unbuffered : unbufferedAndUnchanged)
    this.#sink.head(status, this.#policy.length === 0 ? sent : sent.concat(this.#policy))
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
