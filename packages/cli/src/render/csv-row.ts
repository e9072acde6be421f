import { withoutControls } from './scrub.js'

/** A line of CSV (RFC 4180). Text that a spreadsheet would run as a formula gets an apostrophe in front. */
export function csvRow(cells: readonly string[]): string {
  return cells.map(quoted).join(',')
}

function quoted(cell: string): string {
  const text = withoutControls(cell)
  const harmless = /^[=+@\t\n]|^-(?![\d.]+$)/.test(text) ? `'${text}` : text
  return /[",\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
