import { type EncodedBatch, encodedBatch, placeOfRecord } from '../record-batch.js'
import { assertExpected } from '../record-conflict.js'
import { checkedLimit, firstPlace, lastPlace, placeOfCursor } from '../record-cursor.js'
import {
  defaultJournalPage,
  type JournalEntry,
  type JournalPage,
  type JournalQuery,
  type Json,
  type RecordPage,
  type RecordQuery,
  type Records,
  type StoredRecord,
} from '../records.js'

interface Placed {
  readonly seq: number
}

/** The value is kept as a text, so that nobody who was given it can change what is stored. */
interface KeptRecord extends Placed, Omit<StoredRecord, 'value'> {
  readonly text: string
}

interface KeptEntry extends Placed, Omit<JournalEntry, 'value'> {
  readonly text: string
}

/** Records and journals in memory. `changed` is told of every change of records. */
export class MemoryRecords implements Records {
  readonly #changed: () => void
  readonly #records = new Map<string, KeptRecord>()
  /** By journal, the oldest first. */
  readonly #journals = new Map<string, KeptEntry[]>()
  #seq = 0
  #revision = 0

  constructor(changed: () => void = () => {}) {
    this.#changed = changed
  }

  async write(batch: Parameters<Records['write']>[0]): Promise<readonly StoredRecord[]> {
    const encoded = encodedBatch(batch)
    this.#forgetOver(encoded.at)
    assertExpected(
      [...encoded.remove, ...encoded.put],
      (record) => this.#records.get(placeOfRecord(record))?.revision ?? null,
    )
    const before = this.#revision
    const removedCount = encoded.remove.filter((record) => this.#records.delete(placeOfRecord(record))).length
    if (removedCount + encoded.put.length > 0) this.#revision += 1
    const put = this.#put(encoded)
    this.#append(encoded)
    if (this.#revision !== before) this.#changed()
    return put
  }

  async get(kind: string, id: string): Promise<StoredRecord | undefined> {
    const kept = this.#records.get(placeOfRecord({ kind, id }))
    return kept === undefined ? undefined : given(kept)
  }

  async list(kind: string, { cursor, limit, order = 'oldest' }: RecordQuery = {}): Promise<RecordPage> {
    const all = Array.from(this.#records.values()).filter((record) => record.kind === kind)
    all.sort((one, other) => one.seq - other.seq)
    return page(
      all,
      { cursor, limit: checkedLimit(limit, lastPlace), isNewestFirst: order === 'newest' },
      given,
    )
  }

  async readJournal(journal: string, query: JournalQuery = {}): Promise<JournalPage> {
    const { cursor, limit, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = query
    const entries = (this.#journals.get(journal) ?? []).filter(({ at }) => at >= from && at < to)
    const rest = { cursor, limit: checkedLimit(limit, defaultJournalPage), isNewestFirst: true }
    return page(entries, rest, ({ at, text }) => ({ journal, at, value: JSON.parse(text) as Json }))
  }

  async revision(): Promise<number> {
    return this.#revision
  }

  #forgetOver(at: number): void {
    for (const [place, { expiresAt }] of this.#records) {
      if (expiresAt !== null && expiresAt <= at) this.#records.delete(place)
    }
  }

  #put({ put, at }: EncodedBatch): StoredRecord[] {
    return put.map(({ expected: _, ...record }) => {
      const place = placeOfRecord(record)
      const known = this.#records.get(place)
      const kept: KeptRecord = {
        ...record,
        seq: known?.seq ?? ++this.#seq,
        revision: this.#revision,
        createdAt: known?.createdAt ?? at,
        changedAt: at,
      }
      this.#records.set(place, kept)
      return given(kept)
    })
  }

  #append({ append, at }: EncodedBatch): void {
    for (const { journal, text, rows, ageMs } of append) {
      const entries = this.#journals.get(journal) ?? []
      entries.push({ seq: ++this.#seq, journal, at, text })
      const young = entries.findIndex((entry) => entry.at >= at - ageMs)
      entries.splice(0, Math.max(young, entries.length - rows, 0))
      this.#journals.set(journal, entries)
    }
  }
}

function given({ seq: _, text, ...record }: KeptRecord): StoredRecord {
  return { ...record, value: JSON.parse(text) as Json }
}

interface Rest {
  readonly cursor: string | null | undefined
  readonly limit: number
  readonly isNewestFirst: boolean
}

/** Cuts a page out of a list, whose oldest entry comes first. */
function page<Kept extends Placed, Given>(
  all: readonly Kept[],
  { cursor, limit, isNewestFirst }: Rest,
  give: (kept: Kept) => Given,
): { items: Given[]; next: string | null } {
  const from = placeOfCursor(cursor, isNewestFirst ? lastPlace : firstPlace)
  const rest = isNewestFirst
    ? all.filter(({ seq }) => seq < from).reverse()
    : all.filter(({ seq }) => seq > from)
  const items = rest.slice(0, limit)
  return { items: items.map(give), next: rest.length > limit ? String(items.at(-1)?.seq) : null }
}
