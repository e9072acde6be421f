import type { Account } from '../account/account.js'
import type { SiteName } from '../catalogue/model.js'
import type { EmptyReplyFault } from '../faults/fault.js'
import type { RecordedRequest } from '../record/recorded-request.js'
import type { World } from '../world.js'
import type { Steering } from './steering.js'

/** A request that has been read and whose sender has been looked up. */
export interface Call {
  readonly world: World
  readonly site: SiteName
  /** `http://host:port` of the site, for addresses in answers. */
  readonly origin: string
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Buffer
  /** The body as JSON; `undefined` when it is not JSON. */
  readonly json: unknown
  readonly form: FormData | undefined
  /** The model that was asked for, wherever it was named. */
  readonly model: string | undefined
  readonly steering: Steering
  /** A fault that asks for an answer without content. */
  readonly emptyReply: EmptyReplyFault['reply'] | undefined
  /** Headers that the answer shall carry beside its own. */
  readonly responseHeaders: Record<string, string>
  readonly record: RecordedRequest
}

/** A call whose key is good. */
export interface AccountCall extends Call {
  readonly account: Account
  readonly secret: string
}
