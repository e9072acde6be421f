import type { Answer } from '../http/answer.js'
import { headerOf } from '../http/request-head.js'

/** Which web pages may read our answers: those of all origins, of some, or of none. */
export type CorsPolicy = { readonly origins: 'all' | ReadonlySet<string> }

/** What scripts may read of an answer beside its body. */
const exposed = 'x-request-id, x-sfpool-attempts, x-sfpool-trace, retry-after'

export function corsPolicy(option: boolean | readonly string[] | undefined): CorsPolicy {
  if (option === true) return { origins: 'all' }
  return { origins: new Set(option === false ? [] : option) }
}

/** Whether the page at `origin` may read our answers. */
export function isListed({ origins }: CorsPolicy, origin: string | undefined): boolean {
  return origins === 'all' || (origin !== undefined && origins.has(origin))
}

/** Headers that let the page at `origin` read an answer; none when the policy does not know it. */
export function corsHeaders(policy: CorsPolicy, origin: string | undefined): string[] {
  const { origins } = policy
  if (origins === 'all') return ['access-control-allow-origin', '*', 'access-control-expose-headers', exposed]
  if (origins.size === 0) return []
  if (origin === undefined || !isListed(policy, origin)) return ['vary', 'origin']
  return [
    ...['access-control-allow-origin', origin, 'vary', 'origin'],
    ...['access-control-expose-headers', exposed],
  ]
}

/** The answer to an OPTIONS request, or undefined when it is no preflight or the policy does not know its origin. */
export function preflightAnswer(policy: CorsPolicy, headers: readonly string[]): Answer | undefined {
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
