import { rowWidth } from './quota-row.js'
import { Rows } from './rows.js'

const minuteMs = 60_000

/** The running minute, in minutes since the epoch. */
const minute = 0

/** The column of a unit in the running minute; so many columns behind it is the minute before. */
export const unitColumn = { requests: 1, tokens: 2, images: 3 } as const
const before = 3

const columns = Object.values(unitColumn)

/**
 * How much happened in about the last minute, of each unit, a row for each account or quota: in the running minute, and
 * of the one before it the part that is not yet a minute ago. What is taken back is added with a minus.
 */
export class RecentUse {
  readonly #rows: Rows

  constructor(rows: Rows = new Rows(rowWidth)) {
    this.#rows = rows
  }

  /** A row in which nothing has happened: a new one unless one is given. */
  open(row: number = this.#rows.take()): number {
    this.#rows.write(row, minute, 0)
    for (const column of columns) {
      this.#rows.write(row, column, 0)
      this.#rows.write(row, column + before, 0)
    }
    return row
  }

  close(row: number): void {
    this.#rows.giveBack(row)
  }

  /** Adds an amount of the unit whose column is given. */
  add(row: number, column: number, amount: number, now: number): void {
    this.#advance(row, now)
    this.#rows.add(row, column, amount)
  }

  /** Never negative. */
  perMinute(row: number, column: number, now: number): number {
    this.#advance(row, now)
    const rows = this.#rows
    const left = 1 - (now - rows.read(row, minute) * minuteMs) / minuteMs
    return Math.max(0, rows.read(row, column) + rows.read(row, column + before) * left)
  }

  /** Makes the minute of `now` the running one. */
  #advance(row: number, now: number): void {
    const rows = this.#rows
    const current = Math.floor(now / minuteMs)
    const last = rows.read(row, minute)
    if (current === last) return
    for (const column of columns) {
      const amount = rows.read(row, column)
      // A clock that was set back: what was counted has just happened, whatever it is called now.
      rows.write(row, column, current < last ? amount + rows.read(row, column + before) : 0)
      rows.write(row, column + before, current === last + 1 ? amount : 0)
    }
    rows.write(row, minute, current)
  }
}
