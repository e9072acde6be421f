import type { Slab } from './slab.js'
import { column, totalOf, type Windows } from './tally-row.js'

/** Additions this many parts of the length apart share a slot: at most 0.4 % is counted longer than it had to be. */
const grainsPerLength = 240

/**
 * An upstream counts a call when it arrives. One that took longer on its way than a later one would otherwise still be
 * there when we think it forgotten: a refusal at each turn of a window that is always full. Also how far a clock may
 * go back without being taken for one that was set.
 */
const slackMs = 250

const { total, steadyFrom, steadyUntil } = column
/** When the newest slot began, and where the oldest and the newest one are: 0 in an empty window. */
const { own1: openedAt, own2: oldest, own3: newest } = column

/** The columns of a slot: the instant of its last addition, its amount, and its neighbours in time, 0 at the ends. */
const slot = { at: 0, amount: 1, older: 2, newer: 3 } as const

export const slotWidth = 4

/** Windows that count the last `lengthMs`, each addition for all of that and a little longer, never less. */
export class SlidingWindows implements Windows {
  readonly #lengthMs: number
  readonly #grainMs: number
  readonly #rows: Slab
  /**
   * The slots of all windows, chained from the oldest to the newest. Opening one writes to the end of its chain and
   * reads nothing there, so a pick does not wait for memory that nobody has touched of late.
   */
  readonly #slots: Slab

  constructor(lengthMs: number, rows: Slab, slots: Slab) {
    this.#lengthMs = lengthMs
    this.#grainMs = lengthMs / grainsPerLength
    this.#rows = rows
    this.#slots = slots
  }

  open(row: number): void {
    this.#empty(row)
  }

  close(row: number): void {
    for (let at = this.#rows.values[row + oldest] as number; at !== 0; ) at = this.#drop(at)
    this.#empty(row)
  }

  add(row: number, amount: number, now: number): void {
    totalOf(this.#rows, this, row, now)
    const rows = this.#rows.values
    const last = rows[row + newest] as number
    if (last !== 0 && now - (rows[row + openedAt] as number) < this.#grainMs) {
      const slots = this.#slots.values
      slots[last + slot.amount] = (slots[last + slot.amount] as number) + amount
      if (now > (slots[last + slot.at] as number)) slots[last + slot.at] = now
    } else {
      this.#openSlot(row, amount, now)
    }
    rows[row + total] = (rows[row + total] as number) + amount
    if (last === 0) {
      rows[row + steadyFrom] = now - slackMs
      rows[row + steadyUntil] = now + this.#lengthMs + slackMs
    } else if (now - slackMs > (rows[row + steadyFrom] as number)) {
      rows[row + steadyFrom] = now - slackMs
    }
  }

  takeBack(row: number, amount: number, addedAt: number, now: number): void {
    totalOf(this.#rows, this, row, now)
    if (addedAt <= now - this.#lengthMs - slackMs) return
    const at = this.#slotOf(row, addedAt)
    if (at === 0) return
    const rows = this.#rows.values
    const slots = this.#slots.values
    const counted = slots[at + slot.amount] as number
    const taken = Math.min(amount, counted)
    slots[at + slot.amount] = counted - taken
    rows[row + total] = (rows[row + total] as number) - taken
  }

  /** Forgets what is over, and takes back into the present what a clock set back has left in the future. */
  renew(row: number, now: number): void {
    const rows = this.#rows.values
    const slots = this.#slots.values
    const last = rows[row + newest] as number
    if (last === 0) return
    if ((slots[last + slot.at] as number) > now + slackMs) this.#redate(row, now)
    const over = now - this.#lengthMs - slackMs
    let first = rows[row + oldest] as number
    while (first !== 0 && (slots[first + slot.at] as number) <= over) {
      rows[row + total] = (rows[row + total] as number) - (slots[first + slot.amount] as number)
      first = this.#drop(first)
    }
    if (first === 0) return this.#empty(row)
    slots[first + slot.older] = 0
    rows[row + oldest] = first
    rows[row + steadyFrom] = (slots[last + slot.at] as number) - slackMs
    rows[row + steadyUntil] = (slots[first + slot.at] as number) + this.#lengthMs + slackMs
  }

  freeAt(row: number, amount: number, limit: number, now: number): number {
    if (amount > limit) return Number.POSITIVE_INFINITY
    const slots = this.#slots.values
    let left = totalOf(this.#rows, this, row, now)
    let freeAt = now
    let at = this.#rows.values[row + oldest] as number
    for (; left + amount > limit && at !== 0; at = slots[at + slot.newer] as number) {
      freeAt = (slots[at + slot.at] as number) + this.#lengthMs + slackMs
      left -= slots[at + slot.amount] as number
    }
    return freeAt
  }

  startOf(now: number): number {
    return now - this.#lengthMs
  }

  entries(row: number, now: number): number[] {
    totalOf(this.#rows, this, row, now)
    const slots = this.#slots.values
    const entries: number[] = []
    let at = this.#rows.values[row + oldest] as number
    for (; at !== 0; at = slots[at + slot.newer] as number)
      entries.push(slots[at + slot.at] as number, slots[at + slot.amount] as number)
    return entries
  }

  /** Gives the sum a fresh start, too, where fractions have left a crumb. Nothing stays true for ever. */
  #empty(row: number): void {
    const rows = this.#rows.values
    rows[row + total] = 0
    rows[row + steadyFrom] = Number.NEGATIVE_INFINITY
    rows[row + steadyUntil] = Number.POSITIVE_INFINITY
    rows[row + oldest] = 0
    rows[row + newest] = 0
  }

  #openSlot(row: number, amount: number, now: number): void {
    const at = this.#slots.take()
    const rows = this.#rows.values
    const slots = this.#slots.values
    const last = rows[row + newest] as number
    slots[at + slot.at] = now
    slots[at + slot.amount] = amount
    slots[at + slot.older] = last
    slots[at + slot.newer] = 0
    if (last === 0) rows[row + oldest] = at
    else slots[last + slot.newer] = at
    rows[row + newest] = at
    rows[row + openedAt] = now
  }

  /** Gives a slot back, and tells which one came after it. */
  #drop(at: number): number {
    const next = this.#slots.values[at + slot.newer] as number
    this.#slots.giveBack(at)
    return next
  }

  #redate(row: number, now: number): void {
    const rows = this.#rows.values
    const slots = this.#slots.values
    let at = rows[row + newest] as number
    for (; at !== 0 && (slots[at + slot.at] as number) > now; at = slots[at + slot.older] as number)
      slots[at + slot.at] = now
    if ((rows[row + openedAt] as number) > now) rows[row + openedAt] = now
  }

  /** The first slot that ended at that instant or later, 0 when there is none. Most calls began a moment ago. */
  #slotOf(row: number, addedAt: number): number {
    const slots = this.#slots.values
    let found = 0
    let at = this.#rows.values[row + newest] as number
    for (; at !== 0 && (slots[at + slot.at] as number) >= addedAt; at = slots[at + slot.older] as number)
      found = at
    return found
  }
}
