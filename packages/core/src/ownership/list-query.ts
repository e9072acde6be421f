/** The part of a list that a client asks for. */
export interface ListQuery {
  /** Null when the client names none. */
  readonly limit: number | null
  /** The id of the entry after which the part begins; null from the beginning. */
  readonly after: string | null
  readonly isAscending: boolean
}

/** Entries of a page when a list has to be read from its beginning; the most that OpenAI gives. */
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

/** The path of a full page of one account's list, after an id of its own or from the beginning. */
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
