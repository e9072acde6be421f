import { KeyTextReader } from './key-text-reader.js'
import type { ParsedKey, ParsedKeys, RejectedText } from './parsed-keys.js'

/** A text is read in pieces, so that its lines do not exist all at once. */
const pieceLength = 64 * 1024

/**
 * Finds API keys in a key file or a paste: one or many to a line, separated by commas, semicolons, tabs or spaces,
 * quoted or not, with `#` comments, as a table with or without a heading, as JSON, in addresses or behind names, each
 * with a balance if one is given (`key,12.5`, `key----12.5`, `key(12.5)`, …). Words beside a key are taken for notes.
 * A line that holds something else than a key is reported by its number, masked, and so is a text that looks like a key
 * but cannot be one. The text may be given as bytes, in UTF-8 or UTF-16. Keys keep their order; a key that occurs twice is given twice.
 */
export function parseKeys(text: string | Uint8Array): ParsedKeys {
  const reader = new KeyTextReader()
  const keys: ParsedKey[] = []
  const rejected: RejectedText[] = []
  let omitted = 0
  const take = (found: ParsedKeys): void => {
    for (const key of found.keys) keys.push(key)
    for (const each of found.rejected) rejected.push(each)
    omitted += found.omitted ?? 0
  }
  for (let at = 0; at < text.length; at += pieceLength) {
    reader.push(
      typeof text === 'string' ? text.slice(at, at + pieceLength) : text.subarray(at, at + pieceLength),
    )
    take(reader.take())
  }
  take(reader.finish())
  return omitted === 0 ? { keys, rejected } : { keys, rejected, omitted }
}
