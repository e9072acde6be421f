import { KeyPoolError } from '../errors.js'
import type { StoredRecord } from './records.js'

interface Expectation extends Pick<StoredRecord, 'kind' | 'id'> {
  readonly expected?: number | null | undefined
}

/** Throws when a record is not as its writer expects: somebody else has changed it meanwhile. */
export function assertExpected(
  wanted: readonly Expectation[],
  revisionOf: (record: Expectation) => number | null,
): void {
  for (const record of wanted) {
    if (record.expected === undefined) continue
    const found = revisionOf(record)
    if (found === record.expected) continue
    throw new KeyPoolError('store_conflict', `${sentence(record, found)}; read it again. Nothing was changed`)
  }
}

function sentence({ kind, id, expected }: Expectation, found: number | null): string {
  const name = `the ${kind} ${id}`
  if (expected === null) return `${name} exists already`
  return found === null
    ? `${name} is gone`
    : `${name} was changed meanwhile: it is at revision ${found}, not ${expected}`
}
