import type { KeyPool } from '@sfpool/core'
import type { Context } from 'hono'
import type { Access } from '../access/gatekeeper.js'
import type { RequestLog } from '../log/request-log.js'

/** A route that the gateway answers itself. */
export interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly access: Access
  /** `client` is the id of the caller's key, null where none was needed. */
  readonly answer: (context: Context, client: string | null) => Response | Promise<Response>
}

/** What the routes make their answers of. */
export interface RouteContext {
  readonly pool: KeyPool
  readonly name: string
  readonly version: string
  /** Whether clients need a key. */
  readonly isGuarded: boolean
  readonly reloadKeys: () => Promise<number> | number
  readonly log: RequestLog
  readonly now: () => number
}
