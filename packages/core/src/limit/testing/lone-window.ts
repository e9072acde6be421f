import { DayWindows } from '../day-windows.js'
import { MeterWindow } from '../meter-window.js'
import { type Part, rowWidth, type Windows } from '../quota-row.js'
import { Rows } from '../rows.js'
import { SlidingWindows } from '../sliding-windows.js'
import { WindowSlots } from '../window-slots.js'

/** A window that slides, alone in its slab. */
export function slidingWindow(lengthMs: number): MeterWindow {
  const rows = new Rows(rowWidth)
  const slots = new WindowSlots()
  const windows = new SlidingWindows({ lengthMs, pieces: 'requests', countsTokens: false, rows, slots })
  return windowIn(rows, windows, 'pieces')
}

/** A window of tokens, which counts calls as they begin and as they end. */
export function tokenWindow(lengthMs: number): MeterWindow {
  const rows = new Rows(rowWidth)
  const slots = new WindowSlots()
  const windows = new SlidingWindows({ lengthMs, pieces: null, countsTokens: true, rows, slots })
  return windowIn(rows, windows, 'tokens')
}

/** A window of calendar days. */
export function dayWindow(offsetMs: number): MeterWindow {
  const rows = new Rows(rowWidth)
  return windowIn(rows, new DayWindows({ offsetMs, unit: 'requests', rows }), 'pieces')
}

function windowIn(rows: Rows, windows: Windows, part: Part): MeterWindow {
  const row = rows.take()
  windows.open(row)
  const ended = part === 'tokens' ? ({ row, part: 'ended' } as const) : null
  return new MeterWindow({ windows, begun: { row, part }, ended })
}
