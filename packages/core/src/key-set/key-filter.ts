import type { Key } from '../key/key.js'
import { type KeyStatus, statusOf } from '../key/key-view.js'

/** Which keys to list or export; every given field must match. */
export interface KeyFilter {
  readonly status?: KeyStatus
  readonly account?: string
  readonly site?: string
  readonly enabled?: boolean
}

export function filterKeys(keys: Iterable<Key>, { status, account, site, enabled }: KeyFilter): Key[] {
  return Array.from(keys).filter(
    (key) =>
      (status === undefined || statusOf(key) === status) &&
      (account === undefined || key.account.id === account) &&
      (site === undefined || key.site === site) &&
      (enabled === undefined || key.enabled === enabled),
  )
}
