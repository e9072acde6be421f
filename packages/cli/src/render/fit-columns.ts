/** What a column asks for, in terminal columns. */
export interface ColumnSize {
  /** Width of its longest cell. */
  readonly natural: number
  /** What it may be cut down to. */
  readonly min: number
  /** Columns of the least importance go first when there is no room. */
  readonly importance: number
}

/** Blank columns between two columns of a table. */
export const gap = 2

/**
 * The width each column gets, 0 for those that are left out. Columns are left out until the rest fit at their least
 * width; what they then ask for beyond the room is taken from the one that can give most.
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
