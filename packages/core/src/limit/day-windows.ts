import type { Slab } from '../collections/slab.js'
import { amountOf, type Demand, type MeterFacts } from './meters.js'
import { type Correction, column, type Place, type Windows } from './quota-row.js'

const dayMs = 86_400_000

/**
 * Two clocks are never quite the same. A call that is early by the upstream's clock costs a day's rest, so for this
 * long after midnight yesterday's calls still count.
 */
const slackMs = 5_000

const { ceiling: ceilingColumn, steadyFrom, steadyUntil } = column
/**
 * What counts; the running day, in days since the epoch where the provider lives; what it has counted, and the day
 * before it.
 */
const own = { total: 3, day: 4, sum: 5, before: 6 } as const
const { total, day, sum, before } = own

export interface DayOptions {
  readonly offsetMs: number
  readonly unit: MeterFacts['unit']
  readonly rows: Slab
}

/** Windows that count the provider's calendar day: from midnight at `offsetMs` ahead of UTC. */
export class DayWindows implements Windows {
  readonly #offsetMs: number
  readonly #unit: MeterFacts['unit']
  readonly #rows: Slab

  constructor({ offsetMs, unit, rows }: DayOptions) {
    this.#offsetMs = offsetMs
    this.#unit = unit
    this.#rows = rows
  }

  open(row: number): void {
    const rows = this.#rows.values
    rows[row + ceilingColumn] = Number.POSITIVE_INFINITY
    rows[row + total] = 0
    rows[row + steadyFrom] = Number.POSITIVE_INFINITY
    rows[row + steadyUntil] = Number.POSITIVE_INFINITY
    rows[row + day] = 0
    rows[row + sum] = 0
    rows[row + before] = 0
  }

  close(): void {}

  fits(row: number, demand: Demand, now: number): boolean {
    const amount = amountOf(this.#unit, demand)
    if (amount === 0) return true
    return this.#total(row, now) + amount <= (this.#rows.values[row + ceilingColumn] as number)
  }

  count(row: number, demand: Demand, now: number): void {
    const amount = amountOf(this.#unit, demand)
    if (amount > 0) this.#change(row, sum, amount, now)
  }

  correct(row: number, { estimate, real, countedAt, now }: Correction): void {
    if (this.#unit !== 'tokens') return
    if (real > estimate) this.#change(row, sum, real - estimate, now)
    else if (real < estimate) this.#takeBack(row, estimate - real, countedAt, now)
  }

  setCeiling({ row }: Place, ceiling: number): void {
    this.#rows.values[row + ceilingColumn] = ceiling
  }

  total({ row }: Place, now: number): number {
    return this.#total(row, now)
  }

  add({ row }: Place, amount: number, now: number): void {
    this.#change(row, sum, amount, now)
  }

  takeBack({ row }: Place, amount: number, addedAt: number, now: number): void {
    this.#takeBack(row, amount, addedAt, now)
  }

  freeAt({ row }: Place, amount: number, limit: number, now: number): number {
    if (amount > limit) return Number.POSITIVE_INFINITY
    if (this.#total(row, now) + amount <= limit) return now
    const settledAt = this.startOf(now) + slackMs
    const isEnough = now < settledAt && (this.#rows.values[row + sum] as number) + amount <= limit
    return isEnough ? settledAt : settledAt + dayMs
  }

  startOf(now: number): number {
    return this.#dayOf(now) * dayMs - this.#offsetMs
  }

  entries({ row }: Place, now: number): number[] {
    this.#total(row, now)
    const counted = this.#rows.values[row + sum] as number
    return counted > 0 ? [this.startOf(now), counted] : []
  }

  #total(row: number, now: number): number {
    const rows = this.#rows.values
    const isSteady = now >= (rows[row + steadyFrom] as number) && now < (rows[row + steadyUntil] as number)
    if (!isSteady) this.#renew(row, now)
    return rows[row + total] as number
  }

  #takeBack(row: number, amount: number, addedAt: number, now: number): void {
    this.#total(row, now)
    const age = (this.#rows.values[row + day] as number) - this.#dayOf(addedAt)
    if (age <= 1) this.#change(row, age <= 0 ? sum : before, -amount, now)
  }

  /** Brings the total up to date, and notes for how long it stays so. */
  #renew(row: number, now: number): void {
    this.#roll(row, now)
    const rows = this.#rows.values
    const settledAt = this.startOf(now) + slackMs
    const isSettled = now >= settledAt
    rows[row + total] = (rows[row + sum] as number) + (isSettled ? 0 : (rows[row + before] as number))
    rows[row + steadyFrom] = isSettled ? settledAt : this.startOf(now)
    rows[row + steadyUntil] = isSettled ? this.startOf(now) + dayMs : settledAt
  }

  /** Adds to one of the two days, or takes away as much as there is. */
  #change(row: number, which: number, amount: number, now: number): void {
    this.#roll(row, now)
    const rows = this.#rows.values
    rows[row + which] = Math.max(0, (rows[row + which] as number) + amount)
    this.#renew(row, now)
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
