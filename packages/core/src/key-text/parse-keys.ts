import { LineReader } from './line-reader.js'
import type { ParsedKeys } from './parsed-keys.js'
import { repairUtf16 } from './repair-utf16.js'

/**
 * Finds API keys in a key file or a paste: one or many to a line, separated by commas, semicolons, tabs or spaces,
 * quoted or not, with `#` comments, as a table with or without a heading, as JSON, in addresses or behind names, each
 * with a balance if one is given (`key,12.5`, `key----12.5`, `key(12.5)`, …). Words beside a key are taken for notes.
 * A line that holds something else than a key is reported by its number, masked, and so is a text that looks like a key
 * but cannot be one. Keys keep their order; a key that occurs twice is given twice.
 */
export function parseKeys(text: string): ParsedKeys {
  const reader = new LineReader()
  const lines = repairUtf16(text).split(/\r\n|\r|\n/)
  for (const [index, line] of lines.entries()) reader.readLine(line, index + 1)
  return reader.finish()
}
