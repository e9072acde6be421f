/** The width of a table column, in terminal columns. */
export interface ColumnSize {
  /** The width of the longest cell. */
  readonly natural: number
  /** The smallest width to which the column may be cut. */
  readonly min: number
  /** When the table is too wide, the least important columns are left out first. */
  readonly importance: number
}

/** Blank columns between two columns of a table. */
export const gap = 2

/**
 * Returns the width of each column, 0 for a column that is left out. Columns are left out until the others fit at their
 * smallest width. Then the column with the most spare width shrinks, until the table fits.
 */
export function fitColumns(sizes: readonly ColumnSize[], maxWidth: number | undefined): number[] {
  const least = sizes.map(({ natural, min }) => Math.min(natural, min))
  const widths = sizes.map(({ natural }) => natural)
  if (maxWidth === undefined) return widths
  const kept = new Set(sizes.keys())
  while (kept.size > 1 && total(least, kept) > maxWidth) kept.delete(leastImportant(sizes, kept))
  while (total(widths, kept) > maxWidth) {
    const shrinking = mostShrinkable(widths, least, kept)
    if (shrinking === undefined) break
    widths[shrinking] = (widths[shrinking] ?? 0) - 1
  }
  return widths.map((width, index) => (kept.has(index) ? width : 0))
}

function total(widths: readonly number[], kept: ReadonlySet<number>): number {
  let sum = gap * (kept.size - 1)
  for (const index of kept) sum += widths[index] ?? 0
  return sum
}

function leastImportant(sizes: readonly ColumnSize[], kept: ReadonlySet<number>): number {
  let found = -1
  let lowest = Number.POSITIVE_INFINITY
  for (const index of kept) {
    const importance = sizes[index]?.importance ?? 0
    if (importance >= lowest) continue
    lowest = importance
    found = index
  }
  return found
}

function mostShrinkable(
  widths: readonly number[],
  least: readonly number[],
  kept: ReadonlySet<number>,
): number | undefined {
  let found: number | undefined
  let most = 0
  for (const index of kept) {
    const spare = (widths[index] ?? 0) - (least[index] ?? 0)
    if (spare <= most) continue
    most = spare
    found = index
  }
  return found
}
