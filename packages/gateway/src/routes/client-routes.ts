import { balanceReader } from './balance-answer.js'
import { type PoolWatch, readinessOf } from './readiness.js'
import type { Route, RouteContext } from './route.js'
import { statsView } from './stats-view.js'

/** Routes for clients: the pool's figures, its health and its balance. Keys appear masked. */
export function clientRoutes({ pool, now }: RouteContext, watch: PoolWatch): Route[] {
  const readiness = readinessOf(pool, watch)
  const readBalance = balanceReader(pool, now)
  return [
    {
      method: 'GET',
      path: '/stats',
      access: 'client',
      answer: (context) => context.json(statsView(pool)),
    },
    {
      method: 'GET',
      path: '/health',
      access: 'client',
      answer: (context) => {
        const state = readiness()
        const status = state === 'ready' ? 'healthy' : 'unhealthy'
        const timestamp = new Date(now()).toISOString()
        return context.json({ status, readiness: state, timestamp, stats: statsView(pool) })
      },
    },
    {
      method: 'GET',
      path: '/balance',
      access: 'client',
      answer: async (context, client) =>
        context.json(await readBalance(context.req.query('refresh') === 'true', client)),
    },
  ]
}
