import type { Account } from '../account/account.js'
import type { SiteName } from '../catalogue/model.js'
import type { OutcomeFault } from '../faults/fault.js'
import type { RecordedRequest } from '../record/recorded-request.js'
import type { World } from '../world.js'
import type { ReplyOverrides } from './reply-overrides.js'
import type { Content } from './request-body.js'

/** A request that has been read. */
export interface Call extends Content {
  readonly world: World
  readonly site: SiteName
  /** The origin of the site, `http://host:port`, for addresses in answers. */
  readonly origin: string
  readonly query: URLSearchParams
  readonly overrides: ReplyOverrides
  /** The fault of the request. Some endpoints carry it out themselves, such as an empty reply. */
  readonly fault: OutcomeFault | undefined
  /** Headers of the answer beside its own ones. */
  readonly responseHeaders: Record<string, string>
  readonly record: RecordedRequest
}

/** A call with a good key. */
export interface AccountCall extends Call {
  readonly account: Account
  readonly secret: string
}
