import type { Colors } from './colors.js'
import { fitColumns, gap } from './fit-columns.js'
import { oneLine } from './scrub.js'

/** A column of a table, with a function that renders the cell of a row. */
export interface Column<Row> {
  readonly title: string
  /** Returns the plain text of a cell, or an empty string. A column that is empty in every row is left out. */
  readonly cell: (row: Row) => string
  readonly paint?: (cell: string, row: Row) => string
  readonly align?: 'left' | 'right'
  /** When the table is too wide, the least important columns are left out first. */
  readonly importance: number
  /** The smallest width to which the column may be cut, in terminal columns. @default never cut */
  readonly minWidth?: number
}

/** The number of rows per block. It is small, because the table library's time grows with the square of the rows. */
const blockSize = 50

/**
 * Renders a table without rules, fitted to `maxWidth` if there is one. Yields blocks of whole lines.
 */
export async function* renderTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { maxWidth, paint }: { maxWidth: number | undefined; paint: Colors },
): AsyncGenerator<string, void, undefined> {
  if (rows.length === 0) return
  const [{ default: Table }, { default: stringWidth }] = await Promise.all([
    import('cli-table3'),
    import('string-width'),
  ])
  const filled = columns.filter((column) => rows.some((row) => column.cell(row) !== ''))
  const sizes = filled.map((column) => {
    let natural = stringWidth(column.title)
    for (const row of rows) natural = Math.max(natural, stringWidth(oneLine(column.cell(row))))
    return {
      natural,
      min: Math.max(column.minWidth ?? natural, column.title.length),
      importance: column.importance,
    }
  })
  const widths = fitColumns(sizes, maxWidth)
  const shown = filled.filter((_, index) => widths[index] !== 0)
  const colWidths = widths.filter((width) => width !== 0)
  for (let start = 0; start < rows.length; start += blockSize) {
    const table = new Table({
      chars: borderless,
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
      colWidths,
      colAligns: shown.map(({ align = 'left' }) => align),
    })
    if (start === 0) table.push(shown.map(({ title }) => paint.bold(title)))
    for (const row of rows.slice(start, start + blockSize)) {
      table.push(shown.map((column) => painted(column, row)))
    }
    yield table.toString().replace(/ +$/gm, '')
  }
}

function painted<Row>(column: Column<Row>, row: Row): string {
  const cell = oneLine(column.cell(row))
  return column.paint === undefined ? cell : column.paint(cell, row)
}

const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(gap),
}
