import { formatMoney, KeyPoolError, type StoredRequest } from '@sfpool/core'
import type { Context } from 'hono'
import { type ProblemField, problem } from '../http/problem.js'
import { logLevels } from '../log/log-level.js'
import { requestQuery } from './request-query.js'
import type { Route, RouteContext } from './route.js'

/** Routes that tell what happened: the request log of the store, and the newest lines of the application log. */
export function logRoutes({ pool, log }: RouteContext): Route[] {
  return [
    {
      method: 'GET',
      path: '/admin/api/requests',
      access: 'admin',
      answer: async (context) => {
        if (!pool.requests.isKept) return notKept('log.keep is false, so this pool keeps no request log.')
        const query = requestQuery(context.req.query())
        if (Array.isArray(query)) return refusedQuery(query)
        try {
          const { total, items, next } = await pool.requests.read(query)
          return context.json({ total, items: items.map(requestItem), next })
        } catch (error) {
          return failed(error)
        }
      },
    },
    {
      method: 'GET',
      path: '/admin/api/logs',
      access: 'admin',
      answer: (context) => {
        const { wrong, ...query } = logQuery(context)
        if (wrong.length > 0) return refusedQuery(wrong)
        return context.json(log.lines.recent(query))
      },
    },
  ]

  function failed(error: unknown): Response {
    log.failed('The request log could not be read', error)
    const detail = KeyPoolError.isInstance(error) ? error.message : 'The gateway log says why.'
    return problem({ status: 503, title: 'The request log could not be read', detail })
  }
}

const notKept = (detail: string): Response => problem({ status: 404, title: 'Nothing is kept', detail })

function refusedQuery(errors: readonly ProblemField[]): Response {
  const detail = errors.map(({ path, rule }) => `${path} ${rule}`).join('; ')
  return problem({ status: 422, title: 'The query is not valid', detail, errors })
}

/** A request as the API shows it: instants as text, amounts as decimals. */
function requestItem({ at, attempts, cost, ...rest }: StoredRequest): object {
  return {
    ...rest,
    at: new Date(at).toISOString(),
    attempts: attempts.map(({ durationMs: ms, ...attempt }) => ({ ...attempt, ms })),
    cost: cost === null ? null : formatMoney(cost.amount),
    currency: cost?.currency ?? null,
  }
}

function logQuery({ req }: Context) {
  const { level, limit = '100', cursor, ...unknown } = req.query()
  const wrong: ProblemField[] = Object.entries(unknown).map(([path, received]) => ({
    path,
    rule: 'is not a filter; there are level, limit, cursor',
    received,
  }))
  const known = logLevels.find((name) => name === level)
  if (level !== undefined && known === undefined)
    wrong.push({ path: 'level', rule: `must be one of ${logLevels.join(', ')}`, received: level })
  if (!/^[1-9]\d{0,3}$/.test(limit) || Number(limit) > 1_000)
    wrong.push({ path: 'limit', rule: 'must be from 1 to 1000', received: limit })
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor))
    wrong.push({ path: 'cursor', rule: 'must be the next of a page before', received: cursor })
  return {
    wrong,
    level: known,
    limit: Number(limit),
    cursor: cursor === undefined ? undefined : Number(cursor),
  }
}
