import type { Slab } from './slab.js'
import { column, totalOf, type Windows } from './tally-row.js'

const dayMs = 86_400_000

/**
 * Two clocks are never quite the same. A call that is early by the upstream's clock costs a day's rest, so for this
 * long after midnight yesterday's calls still count.
 */
const slackMs = 5_000

const { total, steadyFrom, steadyUntil } = column
/** The running day, in days since the epoch where the provider lives; what it has counted, and the day before it. */
const { own1: day, own2: sum, own3: before } = column

/** Windows that count the provider's calendar day: from midnight at `offsetMs` ahead of UTC. */
export class DayWindows implements Windows {
  readonly #offsetMs: number
  readonly #rows: Slab

  constructor(offsetMs: number, rows: Slab) {
    this.#offsetMs = offsetMs
    this.#rows = rows
  }

  open(row: number): void {
    const rows = this.#rows.values
    rows[row + total] = 0
    rows[row + steadyFrom] = Number.POSITIVE_INFINITY
    rows[row + steadyUntil] = Number.POSITIVE_INFINITY
    rows[row + day] = 0
    rows[row + sum] = 0
    rows[row + before] = 0
  }

  close(): void {}

  add(row: number, amount: number, now: number): void {
    this.#change(row, sum, amount, now)
  }

  takeBack(row: number, amount: number, addedAt: number, now: number): void {
    totalOf(this.#rows, this, row, now)
    const age = (this.#rows.values[row + day] as number) - this.#dayOf(addedAt)
    if (age <= 1) this.#change(row, age <= 0 ? sum : before, -amount, now)
  }

  renew(row: number, now: number): void {
    this.#roll(row, now)
    const rows = this.#rows.values
    const settledAt = this.startOf(now) + slackMs
    const isSettled = now >= settledAt
    rows[row + total] = (rows[row + sum] as number) + (isSettled ? 0 : (rows[row + before] as number))
    rows[row + steadyFrom] = isSettled ? settledAt : this.startOf(now)
    rows[row + steadyUntil] = isSettled ? this.startOf(now) + dayMs : settledAt
  }

  freeAt(row: number, amount: number, limit: number, now: number): number {
    if (amount > limit) return Number.POSITIVE_INFINITY
    if (totalOf(this.#rows, this, row, now) + amount <= limit) return now
    const settledAt = this.startOf(now) + slackMs
    const isEnough = now < settledAt && (this.#rows.values[row + sum] as number) + amount <= limit
    return isEnough ? settledAt : settledAt + dayMs
  }

  startOf(now: number): number {
    return this.#dayOf(now) * dayMs - this.#offsetMs
  }

  entries(row: number, now: number): number[] {
    totalOf(this.#rows, this, row, now)
    const counted = this.#rows.values[row + sum] as number
    return counted > 0 ? [this.startOf(now), counted] : []
  }

  /** Adds to one of the two days, or takes away as much as there is. */
  #change(row: number, which: number, amount: number, now: number): void {
    this.#roll(row, now)
    const rows = this.#rows.values
    rows[row + which] = Math.max(0, (rows[row + which] as number) + amount)
    this.renew(row, now)
  }

  #roll(row: number, now: number): void {
    const rows = this.#rows.values
    const today = this.#dayOf(now)
    const running = rows[row + day] as number
    if (today === running) return
    const counted = rows[row + sum] as number
    if (today > running) {
      rows[row + before] = today === running + 1 ? counted : 0
      rows[row + sum] = 0
    } else {
      if (today === running - 1) rows[row + sum] = counted + (rows[row + before] as number)
      rows[row + before] = 0
    }
    rows[row + day] = today
  }

  #dayOf(at: number): number {
    return Math.floor((at + this.#offsetMs) / dayMs)
  }
}
