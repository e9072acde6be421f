import { isRecord, type JsonObject } from '../wire/json.js'

/** One entry of a list: a file, a batch, a voice. */
export type Entry = Readonly<JsonObject>

/** A page of one account's list. */
export interface ListPage {
  readonly entries: readonly Entry[]
  readonly hasMore: boolean
  /** Writes the same answer with other entries in it. */
  readonly write: (entries: readonly Entry[], hasMore: boolean) => Readonly<JsonObject>
}

/**
 * Reads a list in any of its shapes: SiliconFlow's envelope for files (`data.data`), OpenAI's (`data`), voices
 * (`results`, or `result`). Null for any other answer.
 */
export function readPage(answer: unknown): ListPage | null {
  if (!isRecord(answer)) return null
  if (!isRecord(answer.data)) return pageIn(answer)
  const inner = pageIn(answer.data)
  if (inner === null) return null
  return { ...inner, write: (entries, hasMore) => ({ ...answer, data: inner.write(entries, hasMore) }) }
}

function pageIn(holder: Readonly<JsonObject>): ListPage | null {
  const name = ['data', 'results', 'result'].find((field) => Array.isArray(holder[field]))
  if (name === undefined) return null
  const listed: readonly unknown[] = holder[name] as unknown[]
  const isPaged = 'has_more' in holder || holder.object === 'list'
  return {
    entries: listed.filter(isRecord),
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
