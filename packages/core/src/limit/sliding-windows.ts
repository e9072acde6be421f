import type { Slab } from '../collections/slab.js'
import type { Demand } from './meters.js'
import { type Correction, column, type Part, type Place, type Windows, wholeColumn } from './quota-row.js'

/**
 * Additions in the same of so many parts of the length share a slot: at most 0.4 % of it is counted too long. The parts
 * are smaller where calls that end share the slots of calls that begin, and would hold them there.
 */
const grains = { ofPieces: 240, ofTokens: 360 } as const

/**
 * An upstream counts a call when it arrives. One that took longer on its way than a later one would otherwise still be
 * there when we think it forgotten: a refusal at each turn of a window that is always full. Also how far a clock may
 * go back without being taken for one that was set.
 */
const slackMs = 250

const { steadyFrom, steadyUntil } = column
/** What pieces, and what tokens may come to; how many tokens have begun, and how many have ended. */
const own = { pieceCeiling: column.ceiling, tokenCeiling: 3, tokens: 4, ended: 5 } as const
/** How many pieces; where the oldest and the newest slot are: 0 in an empty window. */
const ownWhole = { pieces: 12, oldest: 13, newest: 14, kind: wholeColumn.kind } as const

/** The columns of a slot: the instant of its last addition, the amounts, and its neighbours in time, 0 at the ends. */
const slot = { at: 0, pieces: 1, tokens: 2, ended: 3, older: 4, newer: 5 } as const

export const slotWidth = 6

export interface SlidingOptions {
  readonly lengthMs: number
  /** What its pieces are; null when it counts none. */
  readonly pieces: 'requests' | 'images' | null
  readonly countsTokens: boolean
  readonly rows: Slab
  readonly slots: Slab
}

/**
 * Windows that count the last `lengthMs`, each addition for all of that and a little longer, never less. Pieces and
 * tokens have a row and slots in common: they are added at the same instants, and a pick waits for each row it reads.
 */
export class SlidingWindows implements Windows {
  readonly #lengthMs: number
  readonly #grainMs: number
  readonly #pieces: SlidingOptions['pieces']
  readonly #countsTokens: boolean
  readonly #rows: Slab
  /**
   * The slots of all windows, chained from the oldest to the newest. Opening one writes to the end of its chain and
   * reads nothing there, so a pick does not wait for memory that nobody has touched of late.
   */
  readonly #slots: Slab

  constructor({ lengthMs, pieces, countsTokens, rows, slots }: SlidingOptions) {
    this.#lengthMs = lengthMs
    this.#grainMs = lengthMs / (countsTokens ? grains.ofTokens : grains.ofPieces)
    this.#pieces = pieces
    this.#countsTokens = countsTokens
    this.#rows = rows
    this.#slots = slots
  }

  open(row: number): void {
    const { values } = this.#rows
    values[row + own.pieceCeiling] = Number.POSITIVE_INFINITY
    values[row + own.tokenCeiling] = Number.POSITIVE_INFINITY
    this.#empty(row)
  }

  close(row: number): void {
    for (let at = this.#oldest(row); at !== 0; ) at = this.#drop(at)
    this.#empty(row)
  }

  fits(row: number, demand: Demand, now: number): boolean {
    this.#refresh(row, now)
    const { values, whole } = this.#rows
    const pieces = this.#piecesOf(demand)
    const counted = whole[2 * row + ownWhole.pieces] as number
    if (pieces > 0 && counted + pieces > (values[row + own.pieceCeiling] as number)) return false
    const { tokens } = demand
    if (!this.#countsTokens || tokens === 0) return true
    const begun = values[row + own.tokens] as number
    const ended = values[row + own.ended] as number
    return (begun > ended ? begun : ended) + tokens <= (values[row + own.tokenCeiling] as number)
  }

  count(row: number, demand: Demand, now: number): void {
    const pieces = this.#piecesOf(demand)
    const tokens = this.#countsTokens ? demand.tokens : 0
    if (pieces + tokens === 0) return
    const at = this.#slotFor(row, now)
    if (pieces > 0) this.#change(row, at, 'pieces', pieces)
    if (tokens > 0) this.#change(row, at, 'tokens', tokens)
  }

  /**
   * What the estimate was short of counts from now on, the rest from where it was reserved: each token once for one
   * whole window, so nothing is lost by it.
   */
  correct(row: number, { estimate, real, countedAt, now }: Correction): void {
    if (!this.#countsTokens) return
    if (real > 0) {
      const at = this.#slotFor(row, now)
      this.#change(row, at, 'ended', real)
      if (real > estimate) this.#change(row, at, 'tokens', real - estimate)
    }
    if (real < estimate) this.takeBack({ row, part: 'tokens' }, estimate - real, countedAt, now)
  }

  setCeiling({ row, part }: Place, ceiling: number): void {
    this.#rows.values[row + (part === 'pieces' ? own.pieceCeiling : own.tokenCeiling)] = ceiling
  }

  total({ row, part }: Place, now: number): number {
    this.#refresh(row, now)
    const { values, whole } = this.#rows
    return (part === 'pieces' ? whole[2 * row + ownWhole.pieces] : values[row + own[part]]) as number
  }

  add({ row, part }: Place, amount: number, now: number): void {
    this.#change(row, this.#slotFor(row, now), part, amount)
  }

  takeBack({ row, part }: Place, amount: number, addedAt: number, now: number): void {
    this.#refresh(row, now)
    if (addedAt <= now - this.#lengthMs - slackMs) return
    const at = this.#slotAt(row, addedAt)
    if (at === 0) return
    const counted = this.#slots.values[at + slot[part]] as number
    this.#change(row, at, part, -Math.min(amount, counted))
  }

  freeAt(place: Place, amount: number, limit: number, now: number): number {
    if (amount > limit) return Number.POSITIVE_INFINITY
    let left = this.total(place, now)
    let freeAt = now
    const slots = this.#slots.values
    for (let at = this.#oldest(place.row); left + amount > limit && at !== 0; at = this.#newerThan(at)) {
      const counted = slots[at + slot[place.part]] as number
      if (counted > 0) freeAt = (slots[at + slot.at] as number) + this.#lengthMs + slackMs
      left -= counted
    }
    return freeAt
  }

  startOf(now: number): number {
    return now - this.#lengthMs
  }

  entries({ row, part }: Place, now: number): number[] {
    this.#refresh(row, now)
    const slots = this.#slots.values
    const entries: number[] = []
    for (let at = this.#oldest(row); at !== 0; at = this.#newerThan(at)) {
      const counted = slots[at + slot[part]] as number
      if (counted > 0) entries.push(slots[at + slot.at] as number, counted)
    }
    return entries
  }

  #piecesOf({ images }: Demand): number {
    return this.#pieces === 'requests' ? 1 : this.#pieces === 'images' ? images : 0
  }

  #oldest(row: number): number {
    return this.#rows.whole[2 * row + ownWhole.oldest] as number
  }

  #newerThan(at: number): number {
    return this.#slots.values[at + slot.newer] as number
  }

  /** Adds to what a slot and the row have counted, or takes away. */
  #change(row: number, at: number, part: Part, amount: number): void {
    const { values, whole } = this.#rows
    const slots = this.#slots.values
    slots[at + slot[part]] = (slots[at + slot[part]] as number) + amount
    if (part === 'pieces')
      whole[2 * row + ownWhole.pieces] = (whole[2 * row + ownWhole.pieces] as number) + amount
    else values[row + own[part]] = (values[row + own[part]] as number) + amount
  }

  /** Sees to it that the row is true of this instant. */
  #refresh(row: number, now: number): void {
    const { values } = this.#rows
    const isSteady =
      now >= (values[row + steadyFrom] as number) && now < (values[row + steadyUntil] as number)
    if (!isSteady) this.#renew(row, now)
  }

  /** Forgets what is over, and takes back into the present what a clock set back has left in the future. */
  #renew(row: number, now: number): void {
    const { values, whole } = this.#rows
    const slots = this.#slots.values
    const last = whole[2 * row + ownWhole.newest] as number
    if (last === 0) return
    if ((slots[last + slot.at] as number) > now + slackMs) this.#redate(last, now)
    const over = now - this.#lengthMs - slackMs
    let first = this.#oldest(row)
    while (first !== 0 && (slots[first + slot.at] as number) <= over) {
      this.#change(row, first, 'pieces', -(slots[first + slot.pieces] as number))
      this.#change(row, first, 'tokens', -(slots[first + slot.tokens] as number))
      this.#change(row, first, 'ended', -(slots[first + slot.ended] as number))
      first = this.#drop(first)
    }
    if (first === 0) return this.#empty(row)
    slots[first + slot.older] = 0
    whole[2 * row + ownWhole.oldest] = first
    values[row + steadyFrom] = (slots[last + slot.at] as number) - slackMs
    values[row + steadyUntil] = (slots[first + slot.at] as number) + this.#lengthMs + slackMs
  }

  /** Gives the sums a fresh start, too, where fractions have left a crumb. Nothing stays true for ever. */
  #empty(row: number): void {
    const { values, whole } = this.#rows
    values[row + steadyFrom] = Number.NEGATIVE_INFINITY
    values[row + steadyUntil] = Number.POSITIVE_INFINITY
    values[row + own.tokens] = 0
    values[row + own.ended] = 0
    whole[2 * row + ownWhole.pieces] = 0
    whole[2 * row + ownWhole.oldest] = 0
    whole[2 * row + ownWhole.newest] = 0
  }

  /** The slot for what happens now: the newest one while its part of the length runs, else another. */
  #slotFor(row: number, now: number): number {
    this.#refresh(row, now)
    const { values, whole } = this.#rows
    const slots = this.#slots.values
    const last = whole[2 * row + ownWhole.newest] as number
    if (last === 0) {
      values[row + steadyFrom] = now - slackMs
      values[row + steadyUntil] = now + this.#lengthMs + slackMs
      return this.#openSlot(row, now)
    }
    const lastAt = (values[row + steadyFrom] as number) + slackMs
    if (now > lastAt) values[row + steadyFrom] = now - slackMs
    if (this.#grainOf(now) > this.#grainOf(lastAt)) return this.#openSlot(row, now)
    if (now > lastAt) slots[last + slot.at] = now
    return last
  }

  #grainOf(at: number): number {
    return Math.floor(at / this.#grainMs)
  }

  #openSlot(row: number, now: number): number {
    const at = this.#slots.take()
    const { whole } = this.#rows
    const slots = this.#slots.values
    const last = whole[2 * row + ownWhole.newest] as number
    slots[at + slot.at] = now
    slots[at + slot.pieces] = 0
    slots[at + slot.tokens] = 0
    slots[at + slot.ended] = 0
    slots[at + slot.older] = last
    slots[at + slot.newer] = 0
    if (last === 0) whole[2 * row + ownWhole.oldest] = at
    else slots[last + slot.newer] = at
    whole[2 * row + ownWhole.newest] = at
    return at
  }

  /** Gives a slot back, and tells which one came after it. */
  #drop(at: number): number {
    const next = this.#newerThan(at)
    this.#slots.giveBack(at)
    return next
  }

  #redate(newest: number, now: number): void {
    const slots = this.#slots.values
    let at = newest
    for (; at !== 0 && (slots[at + slot.at] as number) > now; at = slots[at + slot.older] as number)
      slots[at + slot.at] = now
  }

  /** The first slot that ended at that instant or later, 0 when there is none. Most calls began a moment ago. */
  #slotAt(row: number, addedAt: number): number {
    const slots = this.#slots.values
    let found = 0
    let at = this.#rows.whole[2 * row + ownWhole.newest] as number
    for (; at !== 0 && (slots[at + slot.at] as number) >= addedAt; at = slots[at + slot.older] as number)
      found = at
    return found
  }
}
