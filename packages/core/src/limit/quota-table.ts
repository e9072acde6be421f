import { Slab } from '../collections/slab.js'
import type { Meter } from '../outcome/meter.js'
import { DayWindows } from './day-windows.js'
import { MeterWindow } from './meter-window.js'
import { type Demand, type MeterFacts, meterFacts } from './meters.js'
import { type Correction, type Place, rowWidth, type Windows, wholeColumn } from './quota-row.js'
import { RecentUse, unitColumn } from './recent-use.js'
import { type SlidingOptions, SlidingWindows, slotWidth } from './sliding-windows.js'

/** What a row of a block counts. */
interface Kind {
  readonly meters: readonly Meter[]
  readonly windows: Windows
  /** Its units as bits when it counts the last minute of them, so that recent use need not; else 0. */
  readonly covers: number
}

/** Stands in the column of the kind in the row of recent use, which every block ends with. */
const recentKind = 15
/** Added to the kind of the last row before that one, so that a pick need not look at a row more than it must. */
const lastFlag = 16
const kindMask = lastFlag - 1

/** The meters of the minute that share a row. */
const joined: ReadonlySet<Meter> = new Set(['RPM', 'TPM'])

const units = ['requests', 'tokens', 'images'] as const
const allUnits = 0b111
const bitOf = (unit: MeterFacts['unit']): number => 1 << units.indexOf(unit)

export interface QuotaTableOptions {
  /** Whether refusals teach limits, so that recent use is worth counting. */
  readonly learns: boolean
  /** Offset of the provider's calendar day from UTC. */
  readonly dayOffsetMs: number
}

/**
 * The counts of all quotas of a pool. Each quota has a block of rows: one for each meter that is limited (one for
 * both of requests and tokens of a minute), and at the end one of recent use. Blocks are named by their place; a pick goes from an
 * account's number straight to them, past all objects.
 */
export class QuotaTable {
  readonly #rows = new Slab(rowWidth)
  readonly #kinds: readonly Kind[]
  readonly #recent = new RecentUse(this.#rows)
  readonly #learns: boolean

  /**
   * Whether the upstream's minutes and hours slide or follow the clock is unknown; a sliding count is right for both.
   * Its days are the provider's calendar days: nobody waits a day for yesterday's calls.
   */
  constructor({ learns, dayOffsetMs }: QuotaTableOptions) {
    this.#learns = learns
    const slots = new Slab(slotWidth)
    const rows = this.#rows
    const sliding = (meters: Meter[], pieces: SlidingOptions['pieces'], countsTokens: boolean): Kind => {
      const { lengthMs } = meterFacts[meters[0] ?? 'RPM']
      const isMinute = lengthMs === meterFacts.RPM.lengthMs
      const covers = meters.reduce((bits, meter) => bits | bitOf(meterFacts[meter].unit), 0)
      const windows = new SlidingWindows({ lengthMs, pieces, countsTokens, rows, slots })
      return { meters, windows, covers: isMinute ? covers : 0 }
    }
    const daily = (meter: Meter): Kind => {
      const windows = new DayWindows({ offsetMs: dayOffsetMs, unit: meterFacts[meter].unit, rows })
      return { meters: [meter], windows, covers: 0 }
    }
    this.#kinds = [
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

  /** A block that counts nothing yet but recent use. */
  open(): number {
    const block = this.#rows.take()
    this.#rows.whole[2 * block + wholeColumn.kind] = recentKind
    this.#recent.open(block)
    return block
  }

  /** Gives a block back with all that it holds. */
  close(block: number): void {
    const recent = this.#recentRow(block)
    for (let row = block; row < recent; row += rowWidth) this.#kindAt(row)?.windows.close(row)
    this.#rows.giveBack(block, sizeOf(block, recent))
  }

  /**
   * The block in which these meters count, too: another one, in place of the given one. They have no ceiling as yet.
   */
  withMeters(block: number, added: readonly Meter[]): number {
    const recent = this.#recentRow(block)
    const size = sizeOf(block, recent)
    const minute = [...this.metersOf(block), ...added].filter((meter) => joined.has(meter))
    const minuteRow = this.#minuteRow(block, recent)
    // The minute's row goes on as another kind; the rest needs rows of its own.
    const fresh = minuteRow === null ? added : added.filter((meter) => !joined.has(meter))
    const kinds = new Set(fresh.map((meter) => this.#kindFor(joined.has(meter) ? minute : [meter])))
    const grown = this.#rows.take(size + kinds.size)
    const { values, whole } = this.#rows
    values.copyWithin(grown, block, recent)
    let row = grown + recent - block
    values.copyWithin(row + kinds.size * rowWidth, recent, recent + rowWidth)
    if (minuteRow !== null) whole[2 * (grown + minuteRow - block) + wholeColumn.kind] = this.#kindFor(minute)
    for (const kind of kinds) {
      whole[2 * row + wholeColumn.kind] = kind
      this.#kinds[kind]?.windows.open(row)
      row += rowWidth
    }
    this.#rows.giveBack(block, size)
    this.#markLast(grown)
    return grown
  }

  /** Whether this much more stays below every ceiling. */
  fits(block: number, demand: Demand, now: number): boolean {
    const { whole } = this.#rows
    for (let row = block; ; row += rowWidth) {
      const code = whole[2 * row + wholeColumn.kind] as number
      const kind = this.#kinds[code & kindMask]
      if (kind === undefined) return true
      if (!kind.windows.fits(row, demand, now)) return false
      if (code >= lastFlag) return true
    }
  }

  /** Counts a call that begins. */
  count(block: number, demand: Demand, now: number): void {
    const { whole } = this.#rows
    let uncovered = allUnits
    let row = block
    for (;;) {
      const code = whole[2 * row + wholeColumn.kind] as number
      const kind = this.#kinds[code & kindMask]
      if (kind === undefined) break
      kind.windows.count(row, demand, now)
      uncovered &= ~kind.covers
      row += rowWidth
      if (code >= lastFlag) break
    }
    if (this.#learns && uncovered !== 0) this.#note(row, uncovered, demand, 1, now)
  }

  /** Takes back what recent use has of a call that never ran. */
  takeBackRecent(block: number, demand: Demand, now: number): void {
    this.#note(this.#recentRow(block), this.#uncovered(block), demand, -1, now)
  }

  /** A call ended that was counted with an estimate. */
  correct(block: number, correction: Correction): void {
    const recent = this.#recentRow(block)
    for (let row = block; row < recent; row += rowWidth) this.#kindAt(row)?.windows.correct(row, correction)
    this.correctRecent(block, correction.real - correction.estimate, correction.now)
  }

  /** The same for recent use, which is this many tokens more. */
  correctRecent(block: number, tokens: number, now: number): void {
    if (!this.#learns || tokens === 0 || (this.#uncovered(block) & bitOf('tokens')) === 0) return
    this.#recent.add(this.#recentRow(block), unitColumn.tokens, tokens, now)
  }

  /** What recent use says of a meter that is not counted yet. */
  recent(block: number, meter: Meter, now: number): number {
    return this.#recent.perMinute(this.#recentRow(block), unitColumn[meterFacts[meter].unit], now)
  }

  /** The meters that count in a block. */
  metersOf(block: number): Meter[] {
    const found: Meter[] = []
    const recent = this.#recentRow(block)
    for (let row = block; row < recent; row += rowWidth) found.push(...(this.#kindAt(row)?.meters ?? []))
    return found
  }

  /** The window of a meter that counts in the block. */
  window(block: number, meter: Meter): MeterWindow {
    const begun = this.#placeOf(block, meter)
    const ended = meter === 'TPM' ? ({ row: begun.row, part: 'ended' } as const) : null
    return new MeterWindow({ windows: this.#windowsAt(begun.row), begun, ended })
  }

  setCeiling(block: number, meter: Meter, ceiling: number): void {
    const place = this.#placeOf(block, meter)
    this.#windowsAt(place.row).setCeiling(place, ceiling)
  }

  #markLast(block: number): void {
    const { whole } = this.#rows
    const last = this.#recentRow(block) - rowWidth
    for (let row = block; row <= last; row += rowWidth) {
      const kind = (whole[2 * row + wholeColumn.kind] as number) & kindMask
      whole[2 * row + wholeColumn.kind] = row === last ? kind + lastFlag : kind
    }
  }

  /** Adds to recent use of the units that no meter covers, or takes away. */
  #note(recent: number, uncovered: number, { tokens, images }: Demand, sign: 1 | -1, now: number): void {
    if ((uncovered & bitOf('requests')) !== 0) this.#recent.add(recent, unitColumn.requests, sign, now)
    if ((uncovered & bitOf('tokens')) !== 0 && tokens > 0)
      this.#recent.add(recent, unitColumn.tokens, sign * tokens, now)
    if ((uncovered & bitOf('images')) !== 0 && images > 0)
      this.#recent.add(recent, unitColumn.images, sign * images, now)
  }

  /** The kind that counts just these meters. */
  #kindFor(meters: readonly Meter[]): number {
    return this.#kinds.findIndex(
      (kind) => kind.meters.length === meters.length && kind.meters.every((meter) => meters.includes(meter)),
    )
  }

  /** Undefined in a row of recent use. */
  #kindAt(row: number): Kind | undefined {
    return this.#kinds[(this.#rows.whole[2 * row + wholeColumn.kind] as number) & kindMask]
  }

  #windowsAt(row: number): Windows {
    return (this.#kindAt(row) as Kind).windows
  }

  /** The row that requests or tokens of a minute have in a block; null when it has none. */
  #minuteRow(block: number, recent: number): number | null {
    for (let row = block; row < recent; row += rowWidth)
      if (this.#kindAt(row)?.meters.some((meter) => joined.has(meter)) === true) return row
    return null
  }

  #placeOf(block: number, meter: Meter): Place {
    let row = block
    while (this.#kindAt(row)?.meters.includes(meter) !== true) row += rowWidth
    return { row, part: meterFacts[meter].unit === 'tokens' ? 'tokens' : 'pieces' }
  }

  #recentRow(block: number): number {
    let row = block
    while (this.#kindAt(row) !== undefined) row += rowWidth
    return row
  }

  /** Units of which recent use must keep count. */
  #uncovered(block: number): number {
    let uncovered = allUnits
    for (let row = block, kind = this.#kindAt(row); kind !== undefined; kind = this.#kindAt(row)) {
      uncovered &= ~kind.covers
      row += rowWidth
    }
    return uncovered
  }
}

/** Rows of a block, given its row of recent use. */
const sizeOf = (block: number, recent: number): number => (recent - block) / rowWidth + 1
