import { classifyWord } from './classify-word.js'
import { type NameRole, nameRole, secretRank } from './name-role.js'
import { splitCells } from './split-cells.js'
import type { Token } from './tokenize.js'

/** The columns of a table, by its heading. */
export interface TableHeading {
  readonly separator: string
  readonly secretColumn: number
  /** -1 when there is none. */
  readonly balanceColumn: number
}

/** No table has as many columns: a line of more tokens is data, and need not be looked at as a heading. */
const longestHeading = 2_000

/**
 * Reads the first line of a text as the heading of a table; `null` when the line is no heading. A line without a
 * separator (`key`, `key balance`) may be a heading too, of one column.
 */
export function readTableHeading(tokens: readonly Token[]): TableHeading | null {
  if (tokens.length > longestHeading) return null
  if (tokens.some((token) => token.kind !== 'word' && token.kind !== 'cell')) return null
  const separator = tokens.find((token) => token.kind === 'cell')?.text ?? ','
  const names = splitCells(tokens, separator).map(nameOf)
  if (names.includes(null)) return null
  const headings = names.map((name) => name ?? '')
  const roles = headings.map(headingRole)
  if (headings.length === 1) return readSingleHeading(tokens, headings[0] ?? '')
  const candidates = [...headings.keys()].filter((index) => roles[index] === 'secret')
  const [secretColumn] = candidates.sort(
    (a, b) => secretRank(headings[a] ?? '') - secretRank(headings[b] ?? ''),
  )
  if (secretColumn === undefined) return null
  const total = roles.indexOf('total')
  const balanceColumn = total === -1 ? roles.indexOf('balance') : total
  return { separator, secretColumn, balanceColumn }
}

/** The words of a cell as one name; null when a word cannot belong to a heading, so that the line is data. */
function nameOf(cell: readonly Token[]): string | null {
  const words = cell.filter((token) => token.kind === 'word').map((token) => token.text)
  return words.some(isData) ? null : words.join(' ')
}

function isData(word: string): boolean {
  const found = classifyWord(word)
  // A long name in a heading can have the shape of a token.
  if (found.kind === 'secret') return found.isCertain
  return found.kind === 'broken' || found.kind === 'masked' || found.kind === 'amount'
}

/** A token may end with `key` by chance, which makes it no heading of keys. */
function headingRole(name: string): NameRole {
  return classifyWord(name).kind === 'secret' ? 'other' : nameRole(name)
}

function readSingleHeading(tokens: readonly Token[], heading: string): TableHeading | null {
  const roles = tokens.map((token) => (token.kind === 'word' ? headingRole(token.text) : 'other'))
  const isHeading =
    headingRole(heading) === 'secret' || (roles.includes('secret') && !roles.includes('other'))
  return isHeading ? { separator: ',', secretColumn: 0, balanceColumn: -1 } : null
}
