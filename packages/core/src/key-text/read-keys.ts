import { KeyTextReader } from './key-text-reader.js'
import type { ParsedKeys } from './parsed-keys.js'

/**
 * Finds API keys in a text of any length, as `parseKeys` does, while the text is being read, as text or as bytes. Gives
 * the keys that each piece completed, and holds no more than the current line.
 */
export async function* readKeys(
  pieces: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
): AsyncGenerator<ParsedKeys, void, undefined> {
  const reader = new KeyTextReader()
  for await (const piece of pieces) {
    reader.push(piece)
    const found = reader.take()
    if (found.keys.length + found.rejected.length + (found.omitted ?? 0) > 0) yield found
  }
  yield reader.finish()
}
