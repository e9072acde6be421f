import { KeyTextReader } from './parse-reader.js'
import type { ParsedKeys } from './parsed-keys.js'

export type { ParsedKey, ParsedKeys, RejectedText } from './parsed-keys.js'

/** Reads a text that arrives in pieces, cut anywhere. Holds no more of it than the line it is in. */
export interface KeyParser {
  /** Takes the next piece. Gives what was completed by it, in order. */
  push(chunk: string): ParsedKeys
  /** Gives the rest. The parser is then ready for another text. */
  end(): ParsedKeys
}

/**
 * Finds API keys in a key file or a paste: one or many to a line, separated by commas, semicolons, tabs or spaces,
 * quoted or not, with `#` comments, as a table with or without a heading, as JSON, in addresses or behind names, each
 * with a balance if one is given (`key,12.5`, `key----12.5`, `key(12.5)`, …). What looks like none of these is
 * reported by its line, masked. Keys keep their order; one that stands there twice is given twice.
 */
export function parseKeys(text: string): ParsedKeys {
  const parser = createKeyParser()
  const first = parser.push(text)
  const rest = parser.end()
  return { keys: first.keys.concat(rest.keys), rejected: first.rejected.concat(rest.rejected) }
}

/** The same as `parseKeys`, for texts too big to hold: a file stream's chunks, decoded, go in one by one. */
export function createKeyParser(): KeyParser {
  let reader = new KeyTextReader()
  let line = 1
  /** The pieces of the line we are in. */
  let parts: string[] = []
  /** The last chunk ended with a carriage return, whose line feed may come with the next. */
  let isSplitReturn = false

  const endLine = (part: string): void => {
    reader.readLine(parts.length === 0 ? part : parts.join('') + part, line)
    parts = []
    line += 1
  }

  return {
    push(chunk) {
      if (chunk === '') return reader.take()
      let start = isSplitReturn && chunk.startsWith('\n') ? 1 : 0
      isSplitReturn = chunk.endsWith('\r')
      for (;;) {
        const end = lineEnd(chunk, start)
        if (end === -1) break
        endLine(chunk.slice(start, end))
        start = chunk.startsWith('\r\n', end) ? end + 2 : end + 1
      }
      if (start < chunk.length) parts.push(chunk.slice(start))
      return reader.take()
    },

    end() {
      endLine('')
      reader.finish()
      const rest = reader.take()
      reader = new KeyTextReader()
      line = 1
      isSplitReturn = false
      return rest
    },
  }
}

const lineEndPattern = /[\r\n]/g

function lineEnd(text: string, from: number): number {
  lineEndPattern.lastIndex = from
  return lineEndPattern.exec(text)?.index ?? -1
}
