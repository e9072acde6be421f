import { LineReader } from './line-reader.js'
import type { ParsedKeys } from './parsed-keys.js'

export type { ParsedKey, ParsedKeys, RejectedText } from './parsed-keys.js'

/**
 * Finds API keys in a key file or a paste: one or many to a line, separated by commas, semicolons, tabs or spaces,
 * quoted or not, with `#` comments, as a table with or without a heading, as JSON, in addresses or behind names, each
 * with a balance if one is given (`key,12.5`, `key----12.5`, `key(12.5)`, …). Words beside a key are taken for notes.
 * A line that holds anything but a key, and whatever looks like a key and is none, is reported by its number, masked.
 * Keys keep their order; one that stands there twice is given twice.
 */
export function parseKeys(text: string): ParsedKeys {
  const reader = new LineReader()
  for (const [index, line] of readable(text)
    .split(/\r\n|\r|\n/)
    .entries())
    reader.readLine(line, index + 1)
  return reader.finish()
}

/** UTF-16, as Windows likes to save it, read as UTF-8: every other character is NUL, and the mark before it is damaged. */
function readable(text: string): string {
  return text.includes('\0') ? text.replace(/^\ufffd+/, '').replaceAll('\0', '') : text
}
