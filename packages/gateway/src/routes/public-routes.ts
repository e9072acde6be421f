import type { Answer } from '../http/answer.js'
import { refusal } from '../http/refusal.js'
import { type PoolWatch, readinessOf, storeTrouble } from './readiness.js'
import type { RouteContext } from './route.js'

/** The answer to a method and a path without query; undefined where no public route is. */
export type PublicRoutes = (method: string, pathname: string) => Answer | undefined

const headers = ['content-type', 'application/json', 'cache-control', 'no-store']

/**
 * Routes for any caller, such as load balancers and platforms: what this is, and whether it works. They hold no secret.
 * They are answered without a `Request` and a `Response`, because whoever reaches the port may ask as often as the
 * connection can carry, and others must be served meanwhile.
 */
export function publicRoutes(
  { pool, name, version, isGuarded }: RouteContext,
  watch: PoolWatch,
): PublicRoutes {
  const about = json(200, {
    name,
    version,
    status: 'running',
    message: 'A pool of API keys behind one OpenAI-compatible address: point your client at /v1 here.',
    api: '/v1',
    authentication: isGuarded ? 'required' : 'none',
  })
  const alive = json(200, { status: 'alive' })
  const readiness = readinessOf(pool, watch)
  const answers = new Map<string, () => Answer>([
    ['/', () => about],
    ['/info', () => about],
    ['/healthz', () => alive],
    [
      '/readyz',
      () => {
        const status = readiness()
        // A pool whose store fails serves on with what is in memory.
        const store = storeTrouble(pool)
        return json(status === 'ready' ? 200 : 503, { status, ...(store !== null && { store }) })
      },
    ],
  ])
  return (method, pathname) => {
    const answer = answers.get(pathname)
    if (answer === undefined || method === 'GET' || method === 'HEAD') return answer?.()
    const allow = 'GET, HEAD'
    const refused = refusal('method_not_allowed', `${pathname} takes ${allow}, not ${method}.`, [
      'allow',
      allow,
    ])
    return { status: refused.status, headers: [...headers, ...refused.headers], body: refused.body }
  }
}

function json(status: number, value: unknown): Answer {
  return { status, headers, body: JSON.stringify(value) }
}
