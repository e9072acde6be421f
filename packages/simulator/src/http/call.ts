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
  /** `http://host:port` of the site, for addresses in answers. */
  readonly origin: string
  readonly query: URLSearchParams
  readonly overrides: ReplyOverrides
  /** The fault that the endpoint may have to play, such as an empty reply. */
  readonly fault: OutcomeFault | undefined
  /** Headers that the answer shall carry beside its own. */
  readonly responseHeaders: Record<string, string>
  readonly record: RecordedRequest
}

/** A call whose key is good. */
export interface AccountCall extends Call {
  readonly account: Account
  readonly secret: string
}
