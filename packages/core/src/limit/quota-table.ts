import type { Meter } from '../outcome/meter.js'
import { MeterWindow } from './meter-window.js'
import { type Demand, meterFacts } from './meters.js'
import { type Correction, type Place, rowWidth, type Windows, wholeColumn } from './quota-row.js'
import { RecentUse, unitColumn } from './recent-use.js'
import { allUnits, bitOf, joined, kindFor, type RowKind, rowKinds } from './row-kinds.js'
import { Rows } from './rows.js'

/** The kind of the row of recent use, which every block ends with. */
const recentKind = 15
/** Added to the kind of the last row before that one, so that a pick need not look at a row more than it must. */
const lastFlag = 16
const kindMask = lastFlag - 1

export interface QuotaTableOptions {
  /** Whether refusals teach limits, so that recent use is worth counting. */
  readonly learns: boolean
  /** Offset of the provider's calendar day from UTC. */
  readonly dayOffsetMs: number
}

/**
 * The counts of all quotas of a pool. Each quota has a block of rows: one for each meter that is limited (one for
 * both of requests and tokens of a minute), and at the end one of recent use. Blocks are named by their place; a pick
 * goes from an account's number straight to them, past all objects.
 */
export class QuotaTable {
  readonly #rows = new Rows(rowWidth)
  readonly #kinds: readonly RowKind[]
  readonly #recent = new RecentUse(this.#rows)
  readonly #learns: boolean

  constructor({ learns, dayOffsetMs }: QuotaTableOptions) {
    this.#learns = learns
    this.#kinds = rowKinds(this.#rows, dayOffsetMs)
  }

  /** A block that counts nothing yet but recent use. */
  open(): number {
    const block = this.#rows.take()
    this.#rows.writeWhole(block, wholeColumn.kind, recentKind)
    this.#recent.open(block)
    return block
  }

  /** Gives a block back with all that it holds. */
  close(block: number): void {
    const recent = this.#recentRow(block)
    for (let row = block; row < recent; row += rowWidth) this.#kindAt(row)?.windows.close(row)
    this.#rows.giveBack(block, sizeOf(block, recent))
  }

  /** Another block in place of the given one, in which these meters count, too. They have no ceiling as yet. */
  withMeters(block: number, added: readonly Meter[]): number {
    const recent = this.#recentRow(block)
    const size = sizeOf(block, recent)
    const minute = [...this.metersOf(block), ...added].filter((meter) => joined.has(meter))
    const minuteRow = this.#minuteRow(block, recent)
    // The row of the minute becomes another kind; all other meters get rows of their own.
    const fresh = minuteRow === null ? added : added.filter((meter) => !joined.has(meter))
    const kinds = new Set(fresh.map((meter) => kindFor(this.#kinds, joined.has(meter) ? minute : [meter])))
    const rows = this.#rows
    const grown = rows.take(size + kinds.size)
    rows.values.copyWithin(grown, block, recent)
    let row = grown + recent - block
    rows.values.copyWithin(row + kinds.size * rowWidth, recent, recent + rowWidth)
    if (minuteRow !== null)
      rows.writeWhole(grown + minuteRow - block, wholeColumn.kind, kindFor(this.#kinds, minute))
    for (const kind of kinds) {
      rows.writeWhole(row, wholeColumn.kind, kind)
      this.#kinds[kind]?.windows.open(row)
      row += rowWidth
    }
    rows.giveBack(block, size)
    this.#markLast(grown)
    return grown
  }

  /** Whether this much more stays below every ceiling. */
  fits(block: number, demand: Demand, now: number): boolean {
    for (let row = block; ; row += rowWidth) {
      const code = this.#rows.readWhole(row, wholeColumn.kind)
      const kind = this.#kinds[code & kindMask]
      if (kind === undefined) return true
      if (!kind.windows.fits(row, demand, now)) return false
      if (code >= lastFlag) return true
    }
  }

  /** Counts a call that begins. */
  count(block: number, demand: Demand, now: number): void {
    let uncovered = allUnits
    let row = block
    for (;;) {
      const code = this.#rows.readWhole(row, wholeColumn.kind)
      const kind = this.#kinds[code & kindMask]
      if (kind === undefined) break
      kind.windows.count(row, demand, now)
      uncovered &= ~kind.covers
      row += rowWidth
      if (code >= lastFlag) break
    }
    if (this.#learns && uncovered !== 0) this.#countRecent(row, uncovered, demand, 1, now)
  }

  /** Takes back what recent use has of a call that never ran. */
  takeBackRecent(block: number, demand: Demand, now: number): void {
    this.#countRecent(this.#recentRow(block), this.#uncovered(block), demand, -1, now)
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
    const rows = this.#rows
    const last = this.#recentRow(block) - rowWidth
    for (let row = block; row <= last; row += rowWidth) {
      const kind = rows.readWhole(row, wholeColumn.kind) & kindMask
      rows.writeWhole(row, wholeColumn.kind, row === last ? kind + lastFlag : kind)
    }
  }

  /** Adds to recent use of the units that no meter covers, or takes away. */
  #countRecent(
    recent: number,
    uncovered: number,
    { tokens, images }: Demand,
    sign: 1 | -1,
    now: number,
  ): void {
    if ((uncovered & bitOf('requests')) !== 0) this.#recent.add(recent, unitColumn.requests, sign, now)
    if ((uncovered & bitOf('tokens')) !== 0 && tokens > 0)
      this.#recent.add(recent, unitColumn.tokens, sign * tokens, now)
    if ((uncovered & bitOf('images')) !== 0 && images > 0)
      this.#recent.add(recent, unitColumn.images, sign * images, now)
  }

  /** Undefined in a row of recent use. */
  #kindAt(row: number): RowKind | undefined {
    return this.#kinds[this.#rows.readWhole(row, wholeColumn.kind) & kindMask]
  }

  #windowsAt(row: number): Windows {
    return (this.#kindAt(row) as RowKind).windows
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
