import { LineReader } from './line-reader.js'
import type { ParsedKeys } from './parsed-keys.js'

/**
 * Finds API keys in a text of any length, as `parseKeys` does, while it is read: gives what each piece of the text
 * completed, and holds nothing but the line at hand.
 */
export async function* readKeys(
  pieces: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<ParsedKeys, void, undefined> {
  const reader = new LineReader()
  let rest: string[] = []
  let line = 0
  let isFirst = true
  for await (const piece of pieces) {
    const text = isFirst ? withoutDamagedMark(piece) : piece.replaceAll('\0', '')
    isFirst = false
    if (!/[\r\n]/.test(text) && !rest.at(-1)?.endsWith('\r')) {
      rest.push(text)
      continue
    }
    const lines = (rest.join('') + text).split(/\r\n|\r(?!$)|\n/)
    // A line feed may follow: until it is known, the return is kept with its line.
    rest = [lines.pop() ?? '']
    for (const each of lines) reader.readLine(each, ++line)
    const found = reader.take()
    if (found.keys.length + found.rejected.length > 0) yield found
  }
  for (const each of rest.join('').split('\r')) reader.readLine(each, ++line)
  yield reader.finish()
}

/** UTF-16 read as UTF-8 has a NUL for every other character, and its mark is damaged. */
function withoutDamagedMark(text: string): string {
  return text.includes('\0') ? text.replace(/^\ufffd+/, '').replaceAll('\0', '') : text
}
