type Fields = Readonly<Record<string, unknown>>

/** One entry of a list: a file, a batch, a voice. */
export type Entry = Fields

/** What a client asked of a list. */
export interface ListQuery {
  /** Null when it named none. */
  readonly limit: number | null
  /** The id behind which the list goes on; null from the beginning. */
  readonly after: string | null
  readonly isAscending: boolean
}

/** A page of one account's list. */
export interface ListPage {
  readonly entries: readonly Entry[]
  readonly hasMore: boolean
  /** The same answer with other entries in it. */
  readonly write: (entries: readonly Entry[], hasMore: boolean) => Fields
}

/** Of one account: the pages that were read, one behind the other. */
export interface AccountList {
  readonly account: string
  readonly entries: readonly Entry[]
  /** The account has entries behind those. */
  readonly hasMore: boolean
}

/** Entries asked for at once when a list has to be read from its beginning; the most that OpenAI gives. */
const fullPage = 100

export function listQuery(path: string): ListQuery {
  const query = new URLSearchParams(queryOf(path))
  const limit = query.get('limit') ?? ''
  const after = query.get('after') ?? ''
  return {
    limit: /^\d{1,9}$/.test(limit) ? Number(limit) : null,
    after: after === '' ? null : after,
    isAscending: query.get('order') === 'asc',
  }
}

/** The path of a full page of one account's list, behind an id of its own or from the beginning. */
export function pagePath(path: string, after: string | null): string {
  const query = new URLSearchParams(queryOf(path))
  query.delete('after')
  query.set('limit', String(fullPage))
  if (after !== null) query.set('after', after)
  return `${path.slice(0, path.indexOf('?'))}?${query}`
}

const queryOf = (path: string): string => {
  const at = path.indexOf('?')
  return at === -1 ? '' : path.slice(at + 1)
}

/**
 * Reads the lists there are: SiliconFlow's envelope for files (`data.data`), OpenAI's (`data`), voices (`results`, or
 * `result`). Null for anything else.
 */
export function readPage(answer: unknown): ListPage | null {
  if (!isFields(answer)) return null
  if (!isFields(answer.data)) return pageIn(answer)
  const inner = pageIn(answer.data)
  if (inner === null) return null
  return { ...inner, write: (entries, hasMore) => ({ ...answer, data: inner.write(entries, hasMore) }) }
}

function pageIn(holder: Fields): ListPage | null {
  const name = ['data', 'results', 'result'].find((field) => Array.isArray(holder[field]))
  if (name === undefined) return null
  const listed: readonly unknown[] = holder[name] as unknown[]
  const isPaged = 'has_more' in holder || holder.object === 'list'
  return {
    entries: listed.filter(isFields),
    hasMore: holder.has_more === true,
    write: (entries, hasMore) => ({
      ...holder,
      [name]: entries,
      ...(isPaged ? { first_id: idOf(entries.at(0)), last_id: idOf(entries.at(-1)), has_more: hasMore } : {}),
    }),
  }
}

/** One list of several accounts', newest first. */
export function mergeLists(
  lists: readonly AccountList[],
  { limit, after, isAscending }: ListQuery,
): { readonly entries: readonly Entry[]; readonly hasMore: boolean } {
  const direction = isAscending ? 1 : -1
  const all = firstOfEach(lists.flatMap(({ entries }) => entries))
  // Stable: entries of one instant, and voices, which have none, stay in the order of their accounts.
  all.sort((one, other) => direction * (timeOf(one) - timeOf(other)))
  // Behind the last entry of an account that has more, entries of that account would be missing.
  const horizons = new Set(lists.filter(({ hasMore }) => hasMore).map(({ entries }) => idOf(entries.at(-1))))
  const horizon = all.findIndex((entry) => horizons.has(idOf(entry)))
  const seen = horizon === -1 ? all : all.slice(0, horizon + 1)
  const start = after === null ? 0 : seen.findIndex((entry) => idOf(entry) === after) + 1
  // An entry that is gone has nothing behind it: to begin anew would send a client round for ever.
  if (after !== null && start === 0) return { entries: [], hasMore: false }
  const entries = seen.slice(start, limit === null ? undefined : start + limit)
  return { entries, hasMore: horizon !== -1 || start + entries.length < seen.length }
}

/** Accounts that are one and the same at the upstream list the same things. */
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

/** The id of an entry; of a voice, its address. */
export function idOf(entry: Entry | undefined): string | null {
  const id = entry?.id ?? entry?.uri
  return typeof id === 'string' ? id : null
}

function timeOf({ created_at, createdAt }: Entry): number {
  const time = Number(created_at ?? createdAt)
  return Number.isFinite(time) ? time : 0
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
