import type { KeyView } from '@sfpool/core'
import type { MinBalance, Settings } from '../config/settings.js'
import { statusOf } from '../render/key-table.js'
import { isBelow } from './is-below.js'

/** What keys are filtered by. A missing part matches every key. */
export type KeyFilter = Partial<Pick<Settings, 'status' | 'account' | 'leastBalance' | 'search'>>

/** Whether a key passes every part of the filter. A key of unknown balance passes no minimum. */
export function isWanted(key: KeyView, filter: KeyFilter): boolean {
  const { status, account, leastBalance, search } = filter
  return (
    (status === undefined || status.includes(statusOf(key))) &&
    (account === undefined || key.account === account) &&
    (leastBalance === undefined || hasAtLeast(key, leastBalance)) &&
    (search === undefined || isFound(key, search))
  )
}

function hasAtLeast({ balance }: KeyView, amounts: MinBalance): boolean {
  const least = typeof amounts === 'string' ? amounts : amounts[balance.currency]
  return least === undefined || (balance.amount !== null && !isBelow(balance.amount, least))
}

/** Looks for the words in what a list shows of a key, in any case. */
function isFound({ id, key, label, account, reason }: KeyView, search: string): boolean {
  const words = search.toLowerCase()
  return [id, key, label, account, reason].some((text) => text?.toLowerCase().includes(words) === true)
}
