import { Slab } from '../collections/slab.js'
import { rowWidth } from './quota-row.js'

const minuteMs = 60_000

/** The running minute, in minutes since the epoch. */
const minute = 0

/** Where a unit's two columns are: what the running minute has counted, and so far behind it what the one before had. */
export const unitColumn = { requests: 1, tokens: 2, images: 3 } as const
const before = 3

const counted = Object.values(unitColumn).flatMap((column) => [column, column + before])

/**
 * How much happened in about the last minute, of each unit, a row for each who did it: in the running minute, and of
 * the one before it the part that is not yet a minute ago. What is taken back is added with a minus.
 */
export class RecentUse {
  readonly #rows: Slab

  constructor(rows: Slab = new Slab(rowWidth)) {
    this.#rows = rows
  }

  /** A row in which nothing has happened: a new one unless one is given. */
  open(row: number = this.#rows.take()): number {
    this.#rows.values[row + minute] = 0
    for (const each of counted) this.#rows.values[row + each] = 0
    return row
  }

  close(row: number): void {
    this.#rows.giveBack(row)
  }

  /** `column` says of which unit. */
  add(row: number, column: number, amount: number, now: number): void {
    this.#turn(row, now)
    const at = row + column
    const { values } = this.#rows
    values[at] = (values[at] as number) + amount
  }

  /** Never negative. */
  perMinute(row: number, column: number, now: number): number {
    this.#turn(row, now)
    const at = row + column
    const { values } = this.#rows
    const left = 1 - (now - (values[row + minute] as number) * minuteMs) / minuteMs
    return Math.max(0, (values[at] as number) + (values[at + before] as number) * left)
  }

  #turn(row: number, now: number): void {
    const { values } = this.#rows
    const current = Math.floor(now / minuteMs)
    const last = values[row + minute] as number
    if (current === last) return
    for (let at = row + unitColumn.requests; at <= row + unitColumn.images; at++) {
      const amount = values[at] as number
      // A clock that was set back: what was counted has just happened, whatever it is called now.
      values[at] = current < last ? amount + (values[at + before] as number) : 0
      values[at + before] = current === last + 1 ? amount : 0
    }
    values[row + minute] = current
  }
}
