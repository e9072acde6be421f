import { KeyPoolError } from '@sfpool/core'
import type { Route, RouteContext } from './route.js'

/** Routes for the operator of the pool. */
export function adminRoutes({ pool, reloadKeys, log, now }: RouteContext): Route[] {
  return [
    {
      method: 'GET',
      path: '/admin/api/keys',
      access: 'admin',
      answer: (context) => {
        const items = pool.keys.list()
        return context.json({ total: items.length, items })
      },
    },
    {
      method: 'POST',
      path: '/reload-keys',
      access: 'admin',
      answer: async (context) => {
        const timestamp = new Date(now()).toISOString()
        try {
          const keyCount = await reloadKeys()
          const message = `${keyCount} ${keyCount === 1 ? 'key' : 'keys'} loaded`
          return context.json({ timestamp, success: true, message, keyCount })
        } catch (error) {
          log.failed('Reloading the keys failed', error)
          const message = KeyPoolError.isInstance(error)
            ? error.message
            : 'The gateway log says why it failed'
          return context.json({ timestamp, success: false, message, keyCount: pool.keys.list().length }, 500)
        }
      },
    },
  ]
}
