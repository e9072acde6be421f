import type { MeterFacts } from './limits.js'
import { Slab } from './slab.js'
import { tallyWidth } from './tally-row.js'

const minuteMs = 60_000

/** The running minute, in minutes since the epoch. */
const minute = 0
/** Where a unit's two columns are: what the running minute has counted, and what the one before it had. */
const running: Readonly<Record<MeterFacts['unit'], number>> = { requests: 1, tokens: 2, images: 3 }
const before: Readonly<Record<MeterFacts['unit'], number>> = { requests: 5, tokens: 6, images: 7 }

/** All but the column that says what is counted in a row. */
const columns = [minute, ...Object.values(running), ...Object.values(before)]

/**
 * How much happened in about the last minute, of each unit, a row for each who did it: in the running minute, and of
 * the one before it the part that is not yet a minute ago. What is taken back is added with a minus.
 */
export class RecentUse {
  readonly #rows: Slab

  constructor(rows: Slab = new Slab(tallyWidth)) {
    this.#rows = rows
  }

  /** A row in which nothing has happened: a new one unless one is given. */
  open(row: number = this.#rows.take()): number {
    for (const each of columns) this.#rows.values[row + each] = 0
    return row
  }

  close(row: number): void {
    this.#rows.giveBack(row)
  }

  add(row: number, unit: MeterFacts['unit'], amount: number, now: number): void {
    this.#turn(row, now)
    const at = row + running[unit]
    const { values } = this.#rows
    values[at] = (values[at] as number) + amount
  }

  /** Never negative. */
  perMinute(row: number, unit: MeterFacts['unit'], now: number): number {
    this.#turn(row, now)
    const { values } = this.#rows
    const left = 1 - (now - (values[row + minute] as number) * minuteMs) / minuteMs
    return Math.max(
      0,
      (values[row + running[unit]] as number) + (values[row + before[unit]] as number) * left,
    )
  }

  #turn(row: number, now: number): void {
    const { values } = this.#rows
    const current = Math.floor(now / minuteMs)
    const last = values[row + minute] as number
    if (current === last) return
    for (const unit of ['requests', 'tokens', 'images'] as const) {
      const amount = values[row + running[unit]] as number
      // A clock that was set back: what was counted has just happened, whatever it is called now.
      const isBack = current < last
      values[row + running[unit]] = isBack ? amount + (values[row + before[unit]] as number) : 0
      values[row + before[unit]] = current === last + 1 ? amount : 0
    }
    values[row + minute] = current
  }
}
