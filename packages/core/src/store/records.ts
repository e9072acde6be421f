/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/**
 * Something that a part of the program keeps: a setting, a client, a user, a session, a job of checks. Its kind and id
 * say which.
 */
export interface StoredRecord {
  readonly kind: string
  readonly id: string
  /** Holds no secret in clear: of what is only compared, a hash; what must be read again is `secret`. */
  readonly value: Json
  /** A text that is sealed at rest, as the secrets of keys are; null for none. */
  readonly secret: string | null
  /** Another one after each change, and larger than that of every change before, in all kinds. */
  readonly revision: number
  /** Milliseconds since the Unix epoch, as given by the first and by the latest `put`. */
  readonly createdAt: number
  readonly changedAt: number
  /** When it is over. It is removed by the next `write` whose `at` is not before that; until then readers must look. */
  readonly expiresAt: number | null
}

/** A record to be written, in place of an earlier one of its kind and id. */
export interface RecordInput extends Pick<StoredRecord, 'kind' | 'id' | 'value'> {
  /** @default null */
  readonly secret?: string | null
  /** @default null */
  readonly expiresAt?: number | null
  /**
   * The revision that it must have now; null: it must not exist. Otherwise nothing of the batch is written.
   * @default any
   */
  readonly expected?: number | null
}

/** A record to be removed. One that does not exist is ignored, unless a revision is expected. */
export interface RecordRemoval extends Pick<StoredRecord, 'kind' | 'id'> {
  readonly expected?: number
}

/** An entry of a journal, such as the one of who changed what. */
export interface JournalInput {
  readonly journal: string
  /** Holds no secret. */
  readonly value: Json
  /** Entries of this journal that are kept. @default 100000 */
  readonly rows?: number
  /** For how long entries of this journal are kept, in milliseconds. @default 400 days */
  readonly ageMs?: number
}

/** What is written at once: all of it, or nothing. */
export interface RecordBatch {
  /** Now, in milliseconds since the Unix epoch: the store has no clock. */
  readonly at: number
  readonly put?: readonly RecordInput[]
  readonly remove?: readonly RecordRemoval[]
  readonly append?: readonly JournalInput[]
}

export interface RecordQuery {
  /** Where the page before ended. @default the beginning */
  readonly cursor?: string | null
  /** @default all */
  readonly limit?: number
  /** `newest`: those that were made last come first. @default 'oldest' */
  readonly order?: 'oldest' | 'newest'
}

/** A part of a list. A record keeps its place while others come, change and go. */
export interface RecordPage {
  readonly items: readonly StoredRecord[]
  /** Where the next page begins; null at the end. */
  readonly next: string | null
}

export interface JournalEntry {
  readonly journal: string
  readonly at: number
  readonly value: Json
}

export interface JournalQuery {
  /** Where the page before ended. @default the newest entry */
  readonly cursor?: string | null
  /** @default 100 */
  readonly limit?: number
  /** Only entries from this instant on, and before that one. @default all */
  readonly from?: number
  readonly to?: number
}

export interface JournalPage {
  /** The newest first. */
  readonly items: readonly JournalEntry[]
  readonly next: string | null
}

/**
 * Keeps records and journals. Every method rejects with a `KeyPoolError`: `store_failed` as those of `Store`, and
 * `store_conflict` when a record has another revision than was expected.
 */
export interface Records {
  /**
   * Writes a batch: removals first, then records, then entries. Durable when it resolves, with the records that were put,
   * in their order. Of two with one kind and id the last holds.
   */
  write(batch: RecordBatch): Promise<readonly StoredRecord[]>
  get(kind: string, id: string): Promise<StoredRecord | undefined>
  list(kind: string, query?: RecordQuery): Promise<RecordPage>
  readJournal(journal: string, query?: JournalQuery): Promise<JournalPage>
  /** A number that grows whenever a process puts or removes records. Cheap enough to be read each second. */
  revision(): Promise<number>
}

/** Entries of a journal that are kept, and for how long, unless the entry says otherwise. */
export const defaultJournalRows = 100_000
export const defaultJournalAgeMs: number = 400 * 86_400_000
export const defaultJournalPage = 100
