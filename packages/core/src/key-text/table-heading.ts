import { classifyWord, type Role, roleOf, secretRank } from './classify-word.js'
import type { Token } from './tokenize.js'

/** Where the columns of a table are, from its heading. */
export interface Columns {
  readonly separator: string
  readonly secret: number
  /** -1 when there is none. */
  readonly balance: number
}

/**
 * Reads the first line of a text as the heading of a table. `null` when it is none. A heading without a separator
 * (`key`, `key balance`) is one as well, of one column.
 */
export function readHeading(tokens: readonly Token[]): Columns | null {
  if (tokens.some((token) => token.kind !== 'word' && token.kind !== 'cell')) return null
  const separator = tokens.find((token) => token.kind === 'cell')?.text ?? ','
  const names = splitCells(tokens, separator).map(nameOf)
  if (names.includes(null)) return null
  const headings = names.map((name) => name ?? '')
  const roles = headings.map(roleOfHeading)
  if (headings.length === 1) return readSingleHeading(tokens, headings[0] ?? '')
  const candidates = [...headings.keys()].filter((index) => roles[index] === 'secret')
  const [secret] = candidates.sort((a, b) => secretRank(headings[a] ?? '') - secretRank(headings[b] ?? ''))
  if (secret === undefined) return null
  const total = roles.indexOf('total')
  const balance = total === -1 ? roles.indexOf('balance') : total
  return { separator, secret, balance }
}

/** The fields of a line, each as its tokens. */
export function splitCells(tokens: readonly Token[], separator: string): Token[][] {
  let cell: Token[] = []
  const all = [cell]
  for (const token of tokens) {
    if (token.kind === 'cell' && token.text === separator) {
      cell = []
      all.push(cell)
    } else cell.push(token)
  }
  return all
}

/** The words of a cell as one name; null when one of them cannot be in a heading, so the line is data. */
function nameOf(cell: readonly Token[]): string | null {
  const words = cell.filter((token) => token.kind === 'word').map((token) => token.text)
  return words.some(isData) ? null : words.join(' ')
}

function isData(word: string): boolean {
  const reading = classifyWord(word)
  // A long name in a heading may pass for the token of some provider.
  if (reading.kind === 'secret') return reading.isCertain
  return reading.kind === 'broken' || reading.kind === 'masked' || reading.kind === 'amount'
}

/** A token that ends with `key` by chance is no heading of keys. */
function roleOfHeading(name: string): Role {
  return classifyWord(name).kind === 'secret' ? 'other' : roleOf(name)
}

function readSingleHeading(tokens: readonly Token[], heading: string): Columns | null {
  const roles = tokens.map((token) => (token.kind === 'word' ? roleOfHeading(token.text) : 'other'))
  const isHeading =
    roleOfHeading(heading) === 'secret' || (roles.includes('secret') && !roles.includes('other'))
  return isHeading ? { separator: ',', secret: 0, balance: -1 } : null
}
