import type { Flow, KeyPoolError, Sink } from '@sfpool/core'
import type { OwnAnswer } from './answer.js'
import { headerOf } from './request-head.js'

/** Which web pages may read our answers: those of all origins, of some, or of none. */
export type CorsPolicy = { readonly origins: 'all' | ReadonlySet<string> }

/** What scripts may read of an answer beside its body. */
const exposed = 'x-request-id, x-sfpool-attempts, retry-after'

export function corsPolicy(option: boolean | readonly string[] | undefined): CorsPolicy {
  if (option === true) return { origins: 'all' }
  return { origins: new Set(option === false ? [] : option) }
}

/** Headers that let the page at `origin` read an answer; none when the policy does not know it. */
export function corsHeaders(policy: CorsPolicy, origin: string | undefined): string[] {
  const { origins } = policy
  if (origins === 'all') return ['access-control-allow-origin', '*', 'access-control-expose-headers', exposed]
  if (origins.size === 0) return []
  if (origin === undefined || !origins.has(origin)) return ['vary', 'origin']
  return [
    ...['access-control-allow-origin', origin, 'vary', 'origin'],
    ...['access-control-expose-headers', exposed],
  ]
}

/** The answer to an OPTIONS request, or undefined when it is no preflight or the policy does not know its origin. */
export function preflightAnswer(policy: CorsPolicy, headers: readonly string[]): OwnAnswer | undefined {
  const asked = headerOf(headers, 'access-control-request-method')
  const granted = corsHeaders(policy, headerOf(headers, 'origin'))
  if (asked === undefined || !granted.includes('access-control-allow-origin')) return undefined
  const names = headerOf(headers, 'access-control-request-headers')
  const isPrivateNetwork = headerOf(headers, 'access-control-request-private-network') === 'true'
  return {
    status: 204,
    headers: [
      ...granted,
      ...['access-control-allow-methods', asked, 'access-control-max-age', '86400'],
      ...(names === undefined ? [] : ['access-control-allow-headers', names]),
      ...(isPrivateNetwork ? ['access-control-allow-private-network', 'true'] : []),
    ],
    body: '',
  }
}

/**
 * Puts our own policy in place of whatever the upstream says of other origins: its `*` would let any web page read
 * from a gateway that only this machine was meant to use.
 */
export class CorsSink implements Sink {
  readonly #sink: Sink
  readonly #own: readonly string[]

  constructor(sink: Sink, own: readonly string[]) {
    this.#sink = sink
    this.#own = own
  }

  attach(flow: Flow): void {
    this.#sink.attach(flow)
  }

  head(status: number, headers: readonly string[]): void {
    let kept: string[] | undefined
    for (let index = 0; index < headers.length; index += 2) {
      if (headers[index]?.startsWith('access-control-')) kept ??= headers.slice(0, index)
      else kept?.push(headers[index] as string, headers[index + 1] as string)
    }
    const rest = kept ?? headers
    this.#sink.head(status, this.#own.length === 0 ? rest : rest.concat(this.#own))
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
