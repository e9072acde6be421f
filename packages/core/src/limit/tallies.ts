import type { Meter } from '../key/meter.js'
import { DayWindows } from './day-windows.js'
import { type Demand, type MeterFacts, meterFacts, meters } from './limits.js'
import { MeterWindow } from './meter-window.js'
import { RecentUse, unitColumn } from './recent-use.js'
import { Slab } from './slab.js'
import { SlidingWindows, slotWidth } from './sliding-windows.js'
import { column, tallyWidth, totalOf, type Windows } from './tally-row.js'

/** What a row of a block counts. */
interface Kind {
  readonly meter: Meter
  readonly unit: MeterFacts['unit']
  readonly windows: Windows
  /** Tokens as calls end, beside the row of tokens as calls begin. */
  readonly isEnd: boolean
  /** Its unit as a bit when it counts the last minute of it, so that recent use need not; else 0. */
  readonly covers: number
}

/** Stands in the column of the kind in the row of recent use, which every block ends with. */
const recentKind = 15
/** Added to the kind of the last row before that one, so that a pick need not look at a row more than it must. */
const lastFlag = 16
const kindMask = lastFlag - 1

const units = ['requests', 'tokens', 'images'] as const
const allUnits = 0b111
const bitOf = (unit: MeterFacts['unit']): number => 1 << units.indexOf(unit)

export interface TalliesOptions {
  /** Whether refusals teach limits, so that recent use is worth counting. */
  readonly learns: boolean
  /** Offset of the provider's calendar day from UTC. */
  readonly dayOffsetMs: number
}

/** A call that ended, counted with an estimate of its tokens. */
export interface Correction {
  readonly estimate: number
  readonly real: number
  readonly countedAt: number
  readonly now: number
}

/**
 * The counts of all quotas of a pool. Each quota has a block of rows: one for each meter that is limited (two for the
 * tokens of a minute), and at the end one of recent use. Blocks are named by their place; a pick goes from an
 * account's number straight to them, past all objects.
 */
export class Tallies {
  readonly #rows = new Slab(tallyWidth)
  readonly #kinds: readonly Kind[]
  readonly #recent = new RecentUse(this.#rows)
  readonly #learns: boolean

  /**
   * Whether the upstream's minutes and hours slide or follow the clock is unknown; a sliding count is right for both.
   * Its days are the provider's calendar days: nobody waits a day for yesterday's calls.
   */
  constructor({ learns, dayOffsetMs }: TalliesOptions) {
    this.#learns = learns
    const slots = new Slab(slotWidth)
    const rows = this.#rows
    const minutes = new SlidingWindows(meterFacts.RPM.lengthMs, rows, slots)
    const hours = new SlidingWindows(meterFacts.RPH.lengthMs, rows, slots)
    const days = new DayWindows(dayOffsetMs, rows)
    const kindOf = (meter: Meter): Kind => {
      const { unit, lengthMs } = meterFacts[meter]
      const isShort = lengthMs <= meterFacts.RPH.lengthMs
      const windows = isShort ? (lengthMs === meterFacts.RPM.lengthMs ? minutes : hours) : days
      return { meter, unit, windows, isEnd: false, covers: windows === minutes ? bitOf(unit) : 0 }
    }
    this.#kinds = meters.flatMap((meter) => {
      const kind = kindOf(meter)
      return meter === 'TPM' ? [kind, { ...kind, isEnd: true }] : [kind]
    })
  }

  /** A block that counts nothing yet but recent use. */
  open(): number {
    const block = this.#rows.take()
    this.#rows.values[block + column.kind] = recentKind
    this.#recent.open(block)
    return block
  }

  /** Gives a block back with all that it holds. */
  close(block: number): void {
    const recent = this.#recentRow(block)
    for (let row = block; row < recent; row += tallyWidth) this.#kindAt(row)?.windows.close(row)
    this.#rows.giveBack(block, sizeOf(block, recent))
  }

  /**
   * The block in which these meters count, too: another one, in place of the given one. They have no ceiling as yet.
   */
  withMeters(block: number, added: readonly Meter[]): number {
    const kinds = this.#kinds.flatMap(({ meter }, kind) => (added.includes(meter) ? [kind] : []))
    const recent = this.#recentRow(block)
    const size = sizeOf(block, recent)
    const grown = this.#rows.take(size + kinds.length)
    const { values } = this.#rows
    values.copyWithin(grown, block, recent)
    const fresh = grown + recent - block
    const grownRecent = fresh + kinds.length * tallyWidth
    values.copyWithin(grownRecent, recent, recent + tallyWidth)
    for (const [at, kind] of kinds.entries()) this.#openRow(fresh + at * tallyWidth, kind)
    this.#rows.giveBack(block, size)
    this.#markLast(grown)
    return grown
  }

  /** Whether this much more stays below every ceiling. */
  fits(block: number, demand: Demand, now: number): boolean {
    const { values } = this.#rows
    for (let row = block; ; row += tallyWidth) {
      const code = values[row + column.kind] as number
      const kind = this.#kinds[code & kindMask]
      if (kind === undefined) return true
      const amount = amountOf(kind.unit, demand)
      if (amount > 0) {
        const total = totalOf(this.#rows, kind.windows, row, now)
        if (total + amount > (values[row + column.ceiling] as number)) return false
      }
      if (code >= lastFlag) return true
    }
  }

  /** Counts a call that begins. */
  count(block: number, demand: Demand, now: number): void {
    const { values } = this.#rows
    let uncovered = allUnits
    let row = block
    for (;;) {
      const code = values[row + column.kind] as number
      const kind = this.#kinds[code & kindMask]
      if (kind === undefined) break
      const amount = amountOf(kind.unit, demand)
      if (amount > 0 && !kind.isEnd) kind.windows.add(row, amount, now)
      uncovered &= ~kind.covers
      row += tallyWidth
      if (code >= lastFlag) break
    }
    if (this.#learns && uncovered !== 0) this.#note(row, uncovered, demand, 1, now)
  }

  /** Takes back what recent use has of a call that never ran. */
  takeBackRecent(block: number, demand: Demand, now: number): void {
    this.#note(this.#recentRow(block), this.#uncovered(block), demand, -1, now)
  }

  /**
   * A call ended that was counted with an estimate. What the estimate was short of counts from now on, the rest from
   * where it was reserved: each token once for one whole window, so nothing is lost by it.
   */
  correct(block: number, { estimate, real, countedAt, now }: Correction): void {
    const recent = this.#recentRow(block)
    for (let row = block; row < recent; row += tallyWidth) {
      const kind = this.#kindAt(row)
      if (kind?.unit !== 'tokens') continue
      const { windows, isEnd } = kind
      if (isEnd) {
        if (real > 0) windows.add(row, real, now)
      } else if (real > estimate) windows.add(row, real - estimate, now)
      else if (real < estimate) windows.takeBack(row, estimate - real, countedAt, now)
    }
    this.correctRecent(block, real - estimate, now)
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
    for (let row = block; row < recent; row += tallyWidth) {
      const kind = this.#kindAt(row)
      if (kind !== undefined && !kind.isEnd) found.push(kind.meter)
    }
    return found
  }

  /** The window of a meter that counts in the block. */
  window(block: number, meter: Meter): MeterWindow {
    const begun = this.#rowOf(block, meter)
    const ended = meter === 'TPM' ? begun + tallyWidth : 0
    return new MeterWindow({ rows: this.#rows, windows: this.#kindOf(meter).windows, begun, ended })
  }

  setCeiling(block: number, meter: Meter, ceiling: number): void {
    const row = this.#rowOf(block, meter)
    const { values } = this.#rows
    values[row + column.ceiling] = ceiling
    if (meter === 'TPM') values[row + tallyWidth + column.ceiling] = ceiling
  }

  #markLast(block: number): void {
    const { values } = this.#rows
    const last = this.#recentRow(block) - tallyWidth
    for (let row = block; row <= last; row += tallyWidth) {
      const kind = (values[row + column.kind] as number) & kindMask
      values[row + column.kind] = row === last ? kind + lastFlag : kind
    }
  }

  #openRow(row: number, kind: number): void {
    const { values } = this.#rows
    values[row + column.kind] = kind
    values[row + column.ceiling] = Number.POSITIVE_INFINITY
    this.#kinds[kind]?.windows.open(row)
  }

  /** Adds to recent use of the units that no meter covers, or takes away. */
  #note(recent: number, uncovered: number, { tokens, images }: Demand, sign: 1 | -1, now: number): void {
    if ((uncovered & bitOf('requests')) !== 0) this.#recent.add(recent, unitColumn.requests, sign, now)
    if ((uncovered & bitOf('tokens')) !== 0 && tokens > 0)
      this.#recent.add(recent, unitColumn.tokens, sign * tokens, now)
    if ((uncovered & bitOf('images')) !== 0 && images > 0)
      this.#recent.add(recent, unitColumn.images, sign * images, now)
  }

  #kindOf(meter: Meter): Kind {
    return this.#kinds.find((kind) => kind.meter === meter) as Kind
  }

  /** Undefined in a row of recent use. */
  #kindAt(row: number): Kind | undefined {
    return this.#kinds[(this.#rows.values[row + column.kind] as number) & kindMask]
  }

  #rowOf(block: number, meter: Meter): number {
    let row = block
    while (this.#kindAt(row)?.meter !== meter) row += tallyWidth
    return row
  }

  #recentRow(block: number): number {
    let row = block
    while (this.#kindAt(row) !== undefined) row += tallyWidth
    return row
  }

  /** Units of which recent use must keep count. */
  #uncovered(block: number): number {
    let uncovered = allUnits
    for (let row = block, kind = this.#kindAt(row); kind !== undefined; kind = this.#kindAt(row)) {
      uncovered &= ~kind.covers
      row += tallyWidth
    }
    return uncovered
  }
}

/** Rows of a block, given its row of recent use. */
const sizeOf = (block: number, recent: number): number => (recent - block) / tallyWidth + 1

function amountOf(unit: MeterFacts['unit'], { tokens, images }: Demand): number {
  return unit === 'requests' ? 1 : unit === 'tokens' ? tokens : images
}
