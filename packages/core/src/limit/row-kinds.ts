import type { Meter } from '../outcome/meter.js'
import { DayWindows } from './day-windows.js'
import { type MeterFacts, meterFacts } from './meters.js'
import type { Windows } from './quota-row.js'
import type { Rows } from './rows.js'
import { type SlidingOptions, SlidingWindows } from './sliding-windows.js'
import { WindowSlots } from './window-slots.js'

/** What a row of a block counts. */
export interface RowKind {
  readonly meters: readonly Meter[]
  readonly windows: Windows
  /** Its units as bits when it counts the last minute of them, so that recent use need not; else 0. */
  readonly covers: number
}

/** The meters of the minute that share a row. */
export const joined: ReadonlySet<Meter> = new Set(['RPM', 'TPM'])

const units = ['requests', 'tokens', 'images'] as const

export const allUnits = 0b111

export const bitOf = (unit: MeterFacts['unit']): number => 1 << units.indexOf(unit)

/**
 * All kinds of rows. Whether the upstream's minutes and hours slide or follow the clock is unknown; a sliding count is
 * right for both. Its days are the provider's calendar days: no call waits a day for yesterday's calls.
 */
export function rowKinds(rows: Rows, dayOffsetMs: number): readonly RowKind[] {
  const slots = new WindowSlots()
  const sliding = (meters: Meter[], pieces: SlidingOptions['pieces'], countsTokens: boolean): RowKind => {
    const { lengthMs } = meterFacts[meters[0] ?? 'RPM']
    const isMinute = lengthMs === meterFacts.RPM.lengthMs
    const covers = meters.reduce((bits, meter) => bits | bitOf(meterFacts[meter].unit), 0)
    const windows = new SlidingWindows({ lengthMs, pieces, countsTokens, rows, slots })
    return { meters, windows, covers: isMinute ? covers : 0 }
  }
  const daily = (meter: Meter): RowKind => {
    const windows = new DayWindows({ offsetMs: dayOffsetMs, unit: meterFacts[meter].unit, rows })
    return { meters: [meter], windows, covers: 0 }
  }
  return [
    sliding(['RPM', 'TPM'], 'requests', true),
    sliding(['RPM'], 'requests', false),
    sliding(['TPM'], null, true),
    sliding(['RPH'], 'requests', false),
    sliding(['IPM'], 'images', false),
    daily('RPD'),
    daily('TPD'),
    daily('IPD'),
  ]
}

/** The place of the kind that counts just these meters. */
export function kindFor(kinds: readonly RowKind[], meters: readonly Meter[]): number {
  return kinds.findIndex(
    (kind) => kind.meters.length === meters.length && kind.meters.every((meter) => meters.includes(meter)),
  )
}
