import type { Token } from './tokenize.js'

/** The fields of a line, each as its tokens. */
export function splitCells(tokens: readonly Token[], separator: string): Token[][] {
  let cell: Token[] = []
  const cells = [cell]
  for (const token of tokens) {
    if (token.kind === 'cell' && token.text === separator) {
      cell = []
      cells.push(cell)
    } else cell.push(token)
  }
  return cells
}
