import { ConfigError } from '../errors.js'
import {
  defaultJournalAgeMs,
  defaultJournalRows,
  type JournalInput,
  type RecordBatch,
  type RecordInput,
  type RecordRemoval,
  type StoredRecord,
} from './records.js'

/** A record as it will be written: its value is the text of its JSON. */
export interface EncodedRecord extends Pick<StoredRecord, 'kind' | 'id' | 'secret' | 'expiresAt'> {
  readonly text: string
  readonly expected: number | null | undefined
}

export interface EncodedEntry extends Required<Omit<JournalInput, 'value'>> {
  readonly text: string
}

/** A batch that was checked and copied, so that a value which cannot be stored leaves no trace. */
export interface EncodedBatch {
  readonly at: number
  readonly put: readonly EncodedRecord[]
  readonly remove: readonly RecordRemoval[]
  readonly append: readonly EncodedEntry[]
}

export function encodedBatch({ at, put = [], remove = [], append = [] }: RecordBatch): EncodedBatch {
  if (!Number.isSafeInteger(at)) throw new ConfigError('at', 'must be whole milliseconds', at)
  return {
    at,
    put: lastOfEach(put).map(encodedRecord),
    remove: remove.map(({ kind, id, expected }) => ({
      ...named({ kind, id }),
      ...(expected !== undefined && { expected }),
    })),
    append: append.map(encodedEntry),
  }
}

const encodedRecord = ({ kind, id, value, secret, expiresAt, expected }: RecordInput): EncodedRecord => ({
  ...named({ kind, id }),
  text: textOf(value),
  secret: secret ?? null,
  expiresAt: expiresAt ?? null,
  expected,
})

const encodedEntry = ({ journal, value, rows, ageMs }: JournalInput): EncodedEntry => ({
  journal,
  text: textOf(value),
  rows: rows ?? defaultJournalRows,
  ageMs: ageMs ?? defaultJournalAgeMs,
})

/** A record that a batch puts twice is written once, as it was given last, in the place of the first. */
function lastOfEach(records: readonly RecordInput[]): RecordInput[] {
  return Array.from(new Map(records.map((record) => [placeOfRecord(record), record])).values())
}

/** Names a record among all of them, also to what seals its secret. */
export const placeOfRecord = ({ kind, id }: Pick<StoredRecord, 'kind' | 'id'>): string =>
  `sfpool record ${JSON.stringify([kind, id])}`

function named(name: Pick<StoredRecord, 'kind' | 'id'>): Pick<StoredRecord, 'kind' | 'id'> {
  if (typeof name.kind !== 'string' || name.kind === '')
    throw new ConfigError('kind', 'must be text', name.kind)
  if (typeof name.id !== 'string' || name.id === '') throw new ConfigError('id', 'must be text', name.id)
  return name
}

function textOf(value: unknown): string {
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) throw new ConfigError('value', 'must be something that JSON can hold', value)
  return text
}
