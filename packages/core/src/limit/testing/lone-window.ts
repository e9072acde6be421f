import { DayWindows } from '../day-windows.js'
import { MeterWindow } from '../meter-window.js'
import { Slab } from '../slab.js'
import { SlidingWindows, slotWidth } from '../sliding-windows.js'
import { tallyWidth, type Windows } from '../tally-row.js'

/** A window that slides, alone in its slab. */
export function slidingWindow(lengthMs: number): MeterWindow {
  const rows = new Slab(tallyWidth)
  const windows = new SlidingWindows(lengthMs, rows, new Slab(slotWidth))
  return new MeterWindow({ rows, windows, begun: openRow(rows, windows), ended: 0 })
}

/** A window of tokens, which counts calls as they begin and as they end. */
export function tokenWindow(lengthMs: number): MeterWindow {
  const rows = new Slab(tallyWidth)
  const windows = new SlidingWindows(lengthMs, rows, new Slab(slotWidth))
  const begun = openRow(rows, windows)
  return new MeterWindow({ rows, windows, begun, ended: openRow(rows, windows) })
}

/** A window of calendar days. */
export function dayWindow(offsetMs: number): MeterWindow {
  const rows = new Slab(tallyWidth)
  const windows = new DayWindows(offsetMs, rows)
  return new MeterWindow({ rows, windows, begun: openRow(rows, windows), ended: 0 })
}

function openRow(rows: Slab, windows: Windows): number {
  const row = rows.take()
  windows.open(row)
  return row
}
