import { ConfigError, type HistoryPeriod, type HistoryQuery, type KeyPool, KeyPoolError } from '@sfpool/core'
import type { Context } from 'hono'
import { problem } from '../http/problem.js'
import type { Route, RouteContext } from './route.js'

/** Routes that tell the past of the pool: one figure over time, and all figures of a time. */
export function historyRoutes({ pool, log }: RouteContext): Route[] {
  const answered = async (context: Context, answer: (query: Query) => Promise<object>): Promise<Response> => {
    const query = queryOf(context)
    try {
      return context.json(await answer(query))
    } catch (error) {
      if (ConfigError.isInstance(error)) return refusedQuery(error as ConfigError, query)
      log.failed('The history could not be read', error)
      const detail = KeyPoolError.isInstance(error) ? error.message : 'The gateway log says why.'
      return problem({ status: 500, title: 'The history could not be read', detail })
    }
  }
  return [
    {
      method: 'GET',
      path: '/admin/api/history',
      access: 'admin',
      answer: (context) => answered(context, (query) => pool.history(query as unknown as HistoryQuery)),
    },
    {
      method: 'GET',
      path: '/admin/api/figures',
      access: 'admin',
      answer: (context) => answered(context, (query) => figuresOf(pool, query)),
    },
  ]
}

type Query = Readonly<Record<string, string | number>>

async function figuresOf(pool: KeyPool, query: Query): Promise<object> {
  const report = await pool.figures(query as HistoryPeriod)
  return { ...report, window: query.window ?? null, rates: await pool.rates() }
}

/** The pool checks what they mean; only the step is no text. */
function queryOf({ req }: Context): Query {
  const { step, ...texts } = req.query()
  return step === undefined ? texts : { ...texts, step: /^\d{1,9}$/.test(step) ? Number(step) : step }
}

function refusedQuery({ option, rule, message }: ConfigError, query: Query): Response {
  if (option === 'history')
    return problem({ status: 404, title: 'This pool keeps no history', detail: message })
  const path = option.replace(/^history\./, '')
  return problem({
    status: 422,
    title: 'The query is not valid',
    detail: `${path} ${rule}`,
    errors: [{ path, rule, received: query[path] ?? null }],
  })
}
