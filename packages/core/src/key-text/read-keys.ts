import { LineReader } from './line-reader.js'
import type { ParsedKeys } from './parsed-keys.js'
import { repairUtf16 } from './repair-utf16.js'

/**
 * Finds API keys in a text of any length, as `parseKeys` does, while the text is being read. Gives the keys that each
 * piece completed, and holds no more than the current line.
 */
export async function* readKeys(
  pieces: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<ParsedKeys, void, undefined> {
  const reader = new LineReader()
  let unfinished: string[] = []
  let line = 0
  let isFirst = true
  for await (const piece of pieces) {
    const text = isFirst ? repairUtf16(piece) : piece.replaceAll('\0', '')
    isFirst = false
    if (!/[\r\n]/.test(text) && !unfinished.at(-1)?.endsWith('\r')) {
      unfinished.push(text)
      continue
    }
    const lines = (unfinished.join('') + text).split(/\r\n|\r(?!$)|\n/)
    // A carriage return at the end stays with its line, because a line feed may follow in the next piece.
    unfinished = [lines.pop() ?? '']
    for (const each of lines) reader.readLine(each, ++line)
    const found = reader.take()
    if (found.keys.length + found.rejected.length > 0) yield found
  }
  for (const each of unfinished.join('').split('\r')) reader.readLine(each, ++line)
  yield reader.finish()
}
