import { type Answer, refusalAnswer } from '../http/answer.js'
import { refusal } from '../http/refusal.js'
import { headerOf } from '../http/request-head.js'

/** The origins whose web pages may read the gateway's answers: all, some or none. */
export type CorsPolicy = { readonly origins: 'all' | ReadonlySet<string> }

/** Headers of an answer that scripts may read. */
const exposed = 'x-request-id, x-sfpool-attempts, x-sfpool-trace, retry-after'

/** Makes the policy that the option `cors` describes. */
export function corsPolicy(option: boolean | readonly string[] | undefined): CorsPolicy {
  if (option === true) return { origins: 'all' }
  return { origins: new Set(option === false ? [] : option) }
}

/** Whether the page at `origin` may read the gateway's answers. */
export function isListed({ origins }: CorsPolicy, origin: string | undefined): boolean {
  return origins === 'all' || (origin !== undefined && origins.has(origin))
}

/** The CORS headers of an answer. They let the page at `origin` read it, if the policy lists the origin. */
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

/** What a browser reads is the missing permission; the words are for the person who looks for it. */
const notListed = refusal(
  'foreign_origin',
  'Pages of this origin may not call the gateway. Name it with --cors, SFPOOL_CORS or the option cors.',
)

/**
 * The answer to a preflight, which never reaches the upstream: a permission, or a refusal where the origin is not
 * listed. Undefined for other OPTIONS requests.
 */
export function preflightAnswer(policy: CorsPolicy, headers: readonly string[]): Answer | undefined {
  const asked = headerOf(headers, 'access-control-request-method')
  if (asked === undefined) return undefined
  const granted = corsHeaders(policy, headerOf(headers, 'origin'))
  if (!granted.includes('access-control-allow-origin')) return refusalAnswer(notListed, granted)
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
