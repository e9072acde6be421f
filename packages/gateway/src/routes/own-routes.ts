import { Hono } from 'hono'
import type { Access, Gatekeeper } from '../access/gatekeeper.js'
import { type Refusal, refusal } from '../http/refusal.js'
import { adminRoutes } from './admin-routes.js'
import { clientRoutes } from './client-routes.js'
import { historyRoutes } from './history-routes.js'
import { logRoutes } from './log-routes.js'
import { type PublicRoutes, publicRoutes } from './public-routes.js'
import { watchPool } from './readiness.js'
import type { Route, RouteContext } from './route.js'

/** The routes that the gateway answers itself: functions of `Request -> Response`, guarded by the gatekeeper. */
export interface OwnRoutes {
  /** Answers what any caller may ask. */
  readonly publicAnswer: PublicRoutes
  /** Whether the gateway answers a path (without query) itself. All other paths belong to the upstream. */
  has(pathname: string): boolean
  /** Who may call a path; undefined where there is no route. */
  accessOf(pathname: string): Access | undefined
  fetch(request: Request): Response | Promise<Response>
}

/** Makes the routes and mounts them in one app. */
export function ownRoutes(context: RouteContext, gatekeeper: Gatekeeper): OwnRoutes {
  const watch = watchPool(context.pool)
  const routes = [
    ...clientRoutes(context, watch),
    ...adminRoutes(context),
    ...historyRoutes(context),
    ...logRoutes(context),
  ]
  const paths = new Set(routes.map(({ path }) => path))
  const app = new Hono({ strict: false })
  app.use(async (context, next) => {
    await next()
    context.header('cache-control', 'no-store')
  })
  for (const route of routes) mount(app, route, gatekeeper)
  app.notFound(() => refusalResponse(refusal('not_found', 'There is no such admin route.')))
  app.onError((error) => {
    context.log.failed('A route of the gateway failed', error)
    return refusalResponse(refusal('internal_error', 'The gateway failed; its log says why.'))
  })
  const accesses = new Map(routes.map(({ path, access }) => [path, access]))
  return {
    publicAnswer: publicRoutes(context, watch),
    accessOf: (pathname) => accesses.get(pathname),
    has: (pathname) => paths.has(pathname) || pathname === '/admin' || pathname.startsWith('/admin/'),
    fetch: (request) => app.fetch(request),
  }
}

function mount(app: Hono, { method, path, access, answer }: Route, gatekeeper: Gatekeeper): void {
  app.on(method, path, (context) => {
    const admission = gatekeeper.admit(access, {
      authorization: context.req.header('authorization'),
      apiKey: context.req.header('x-api-key') ?? context.req.header('api-key'),
    })
    return admission.kind === 'admitted'
      ? answer(context, admission.client)
      : refusalResponse(admission.refusal)
  })
  const allow = method === 'GET' ? 'GET, HEAD' : method
  app.all(path, ({ req }) =>
    refusalResponse(
      refusal('method_not_allowed', `${path} takes ${allow}, not ${req.method}.`, ['allow', allow]),
    ),
  )
}

function refusalResponse({ status, headers, body }: Refusal): Response {
  const response = new Response(body, { status, headers: { 'content-type': 'application/json' } })
  for (let index = 0; index + 1 < headers.length; index += 2) {
    response.headers.append(headers[index] as string, headers[index + 1] as string)
  }
  return response
}
