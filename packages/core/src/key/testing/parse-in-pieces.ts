import { createKeyParser } from '../parse.js'
import type { ParsedKeys } from '../parsed-keys.js'

/** What a parser gives for a text that arrives in these pieces. */
export function parseInPieces(pieces: Iterable<string>): ParsedKeys {
  const parser = createKeyParser()
  const parts = [...pieces].map((piece) => parser.push(piece))
  parts.push(parser.end())
  return { keys: parts.flatMap((part) => part.keys), rejected: parts.flatMap((part) => part.rejected) }
}
