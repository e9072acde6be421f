import type { ImportedKey, RejectedEntry } from './imported.js'
import { type Row, textOf } from './row.js'

/** Keys that were taken from rows, and rows that hold none. */
export interface Taken {
  readonly keys: readonly ImportedKey[]
  readonly rejected: readonly RejectedEntry[]
}

/** Takes the key of each row, with what else the row knows of it. Lines are counted from 1. */
export function takeKeys(
  rows: readonly Row[],
  keyOf: (row: Row) => unknown,
  factsOf: (row: Row) => Omit<ImportedKey, 'secret' | 'line'>,
): Taken {
  const keys: ImportedKey[] = []
  const rejected: RejectedEntry[] = []
  for (const [index, row] of rows.entries()) {
    const secret = textOf(keyOf(row))
    const line = index + 1
    if (secret === undefined) rejected.push({ line, reason: 'it holds no key' })
    else keys.push({ secret, line, ...factsOf(row) })
  }
  return { keys, rejected }
}
