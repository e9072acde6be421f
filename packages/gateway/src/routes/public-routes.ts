import { type PoolWatch, readinessOf } from './readiness.js'
import type { Route, RouteContext } from './route.js'

/** Routes for any caller, such as load balancers and platforms: what this is, and whether it works. They hold no secret. */
export function publicRoutes({ pool, name, version, isGuarded }: RouteContext, watch: PoolWatch): Route[] {
  const about = {
    name,
    version,
    status: 'running',
    message: 'A pool of API keys behind one OpenAI-compatible address: point your client at /v1 here.',
    api: '/v1',
    authentication: isGuarded ? 'required' : 'none',
  }
  return [
    { method: 'GET', path: '/', access: 'public', answer: (context) => context.json(about) },
    { method: 'GET', path: '/info', access: 'public', answer: (context) => context.json(about) },
    {
      method: 'GET',
      path: '/healthz',
      access: 'public',
      answer: (context) => context.json({ status: 'alive' }),
    },
    {
      method: 'GET',
      path: '/readyz',
      access: 'public',
      answer: (context) => {
        const status = readinessOf(pool, watch)
        return context.json({ status }, status === 'ready' ? 200 : 503)
      },
    },
  ]
}
