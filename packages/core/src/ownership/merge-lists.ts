import { type Entry, idOf } from './list-page.js'
import type { ListQuery } from './list-query.js'

/** The entries of one account, of all pages that were read. */
export interface AccountList {
  readonly account: string
  readonly entries: readonly Entry[]
  /** Whether the account has entries after those. */
  readonly hasMore: boolean
}

/** Merges the lists of several accounts into the part that a client asks for, the newest entries first. */
export function mergeLists(
  lists: readonly AccountList[],
  { limit, after, isAscending }: ListQuery,
): { readonly entries: readonly Entry[]; readonly hasMore: boolean } {
  const direction = isAscending ? 1 : -1
  const all = firstOfEach(lists.flatMap(({ entries }) => entries))
  // A stable sort: entries of the same time, and voices, which have none, keep the order of their accounts.
  all.sort((one, other) => direction * (timeOf(one) - timeOf(other)))
  // After the last entry of an account that has more, entries of that account would be missing.
  const horizons = new Set(lists.filter(({ hasMore }) => hasMore).map(({ entries }) => idOf(entries.at(-1))))
  const horizon = all.findIndex((entry) => horizons.has(idOf(entry)))
  const seen = horizon === -1 ? all : all.slice(0, horizon + 1)
  const start = after === null ? 0 : seen.findIndex((entry) => idOf(entry) === after) + 1
  // After an entry that is gone, the list ends: beginning anew would make a client read it for ever.
  if (after !== null && start === 0) return { entries: [], hasMore: false }
  const entries = seen.slice(start, limit === null ? undefined : start + limit)
  return { entries, hasMore: horizon !== -1 || start + entries.length < seen.length }
}

/** Drops repeated entries: accounts that are the same at the upstream list the same resources. */
function firstOfEach(entries: readonly Entry[]): Entry[] {
  const seen = new Set<string>()
  return entries.filter((entry) => {
    const id = idOf(entry)
    if (id === null) return true
    if (seen.has(id)) return false
    seen.add(id)
    return true
  })
}

function timeOf({ created_at, createdAt }: Entry): number {
  const time = Number(created_at ?? createdAt)
  return Number.isFinite(time) ? time : 0
}
