type Fields = Readonly<Record<string, unknown>>

/** One entry of a list: a file, a batch, a voice. */
export type Entry = Fields

/** A page of one account's list. */
export interface ListPage {
  readonly entries: readonly Entry[]
  readonly hasMore: boolean
  /** Writes the same answer with other entries in it. */
  readonly write: (entries: readonly Entry[], hasMore: boolean) => Fields
}

/**
 * Reads a list in any of its shapes: SiliconFlow's envelope for files (`data.data`), OpenAI's (`data`), voices
 * (`results`, or `result`). Null for any other answer.
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

/** The id of an entry; of a voice, its address. */
export function idOf(entry: Entry | undefined): string | null {
  const id = entry?.id ?? entry?.uri
  return typeof id === 'string' ? id : null
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
