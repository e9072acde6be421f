import { amountOf, type Demand, type MeterFacts } from './meters.js'
import { type Correction, column, isSteady, type Place, setSteady, type Windows } from './quota-row.js'
import type { Rows } from './rows.js'

const dayMs = 86_400_000

/**
 * Two clocks are never quite the same. A call that is early by the upstream's clock costs a cooldown of a day, so for
 * this long after midnight yesterday's calls still count.
 */
const slackMs = 5_000

/**
 * What counts; the running day, in days since the epoch where the provider lives; what it has counted, and the day
 * before it.
 */
const own = { total: 3, day: 4, sum: 5, before: 6 } as const
const ownColumns = Object.values(own)

export interface DayOptions {
  readonly offsetMs: number
  readonly unit: MeterFacts['unit']
  readonly rows: Rows
}

/** Windows that count the provider's calendar day: from midnight at `offsetMs` ahead of UTC. */
export class DayWindows implements Windows {
  readonly #offsetMs: number
  readonly #unit: MeterFacts['unit']
  readonly #rows: Rows

  constructor({ offsetMs, unit, rows }: DayOptions) {
    this.#offsetMs = offsetMs
    this.#unit = unit
    this.#rows = rows
  }

  open(row: number): void {
    const rows = this.#rows
    rows.write(row, column.ceiling, Number.POSITIVE_INFINITY)
    setSteady(rows, row, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)
    for (const each of ownColumns) rows.write(row, each, 0)
  }

  close(): void {}

  fits(row: number, demand: Demand, now: number): boolean {
    const amount = amountOf(this.#unit, demand)
    if (amount === 0) return true
    return this.#total(row, now) + amount <= this.#rows.read(row, column.ceiling)
  }

  count(row: number, demand: Demand, now: number): void {
    const amount = amountOf(this.#unit, demand)
    if (amount > 0) this.#change(row, own.sum, amount, now)
  }

  correct(row: number, { estimate, real, countedAt, now }: Correction): void {
    if (this.#unit !== 'tokens') return
    if (real > estimate) this.#change(row, own.sum, real - estimate, now)
    else if (real < estimate) this.#takeBack(row, estimate - real, countedAt, now)
  }

  setCeiling({ row }: Place, ceiling: number): void {
    this.#rows.write(row, column.ceiling, ceiling)
  }

  total({ row }: Place, now: number): number {
    return this.#total(row, now)
  }

  add({ row }: Place, amount: number, now: number): void {
    this.#change(row, own.sum, amount, now)
  }

  takeBack({ row }: Place, amount: number, addedAt: number, now: number): void {
    this.#takeBack(row, amount, addedAt, now)
  }

  freeAt({ row }: Place, amount: number, limit: number, now: number): number {
    if (amount > limit) return Number.POSITIVE_INFINITY
    if (this.#total(row, now) + amount <= limit) return now
    const settledAt = this.startOf(now) + slackMs
    const isEnough = now < settledAt && this.#rows.read(row, own.sum) + amount <= limit
    return isEnough ? settledAt : settledAt + dayMs
  }

  startOf(now: number): number {
    return this.#dayOf(now) * dayMs - this.#offsetMs
  }

  entries({ row }: Place, now: number): number[] {
    this.#total(row, now)
    const counted = this.#rows.read(row, own.sum)
    return counted > 0 ? [this.startOf(now), counted] : []
  }

  #total(row: number, now: number): number {
    if (!isSteady(this.#rows, row, now)) this.#renew(row, now)
    return this.#rows.read(row, own.total)
  }

  #takeBack(row: number, amount: number, addedAt: number, now: number): void {
    this.#total(row, now)
    const age = this.#rows.read(row, own.day) - this.#dayOf(addedAt)
    if (age <= 1) this.#change(row, age <= 0 ? own.sum : own.before, -amount, now)
  }

  /** Brings the total up to date, and says for how long it stays so. */
  #renew(row: number, now: number): void {
    this.#roll(row, now)
    const rows = this.#rows
    const start = this.startOf(now)
    const settledAt = start + slackMs
    const isSettled = now >= settledAt
    rows.write(row, own.total, rows.read(row, own.sum) + (isSettled ? 0 : rows.read(row, own.before)))
    setSteady(rows, row, isSettled ? settledAt : start, isSettled ? start + dayMs : settledAt)
  }

  /** Adds to one of the two days, or takes away as much as there is. */
  #change(row: number, which: number, amount: number, now: number): void {
    this.#roll(row, now)
    this.#rows.write(row, which, Math.max(0, this.#rows.read(row, which) + amount))
    this.#renew(row, now)
  }

  /** Makes the day of `now` the running one. A clock that goes back over midnight joins both days. */
  #roll(row: number, now: number): void {
    const rows = this.#rows
    const today = this.#dayOf(now)
    const running = rows.read(row, own.day)
    if (today === running) return
    const counted = rows.read(row, own.sum)
    if (today > running) {
      rows.write(row, own.before, today === running + 1 ? counted : 0)
      rows.write(row, own.sum, 0)
    } else {
      if (today === running - 1) rows.add(row, own.sum, rows.read(row, own.before))
      rows.write(row, own.before, 0)
    }
    rows.write(row, own.day, today)
  }

  #dayOf(at: number): number {
    return Math.floor((at + this.#offsetMs) / dayMs)
  }
}
