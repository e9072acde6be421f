import type { Demand } from './meters.js'
import {
  type Correction,
  column,
  isSteady,
  type Part,
  type Place,
  setSteady,
  type Windows,
} from './quota-row.js'
import type { Rows } from './rows.js'
import type { WindowSlots } from './window-slots.js'

/**
 * Additions in the same of so many parts of the length share a slot: at most 0.4 % of it is counted too long. The parts
 * are smaller where calls that end share the slots of calls that begin, and would hold them there.
 */
const grains = { ofPieces: 240, ofTokens: 360 } as const

/**
 * An upstream counts a call when it arrives. One that took longer on its way than a later one would otherwise still be
 * there when we think it forgotten: a refusal whenever a full window moves on. Also how far a clock may
 * go back without being taken for one that was set.
 */
const slackMs = 250

/** What pieces, and what tokens may come to; how many tokens have begun, and how many have ended. */
const own = { pieceCeiling: column.ceiling, tokenCeiling: 3, tokens: 4, ended: 5 } as const
/** Whole numbers: how many pieces; the oldest and the newest slot, 0 in an empty window. */
const ownWhole = { pieces: 12, oldest: 13, newest: 14 } as const

export interface SlidingOptions {
  readonly lengthMs: number
  /** What its pieces are; null when it counts none. */
  readonly pieces: 'requests' | 'images' | null
  readonly countsTokens: boolean
  readonly rows: Rows
  readonly slots: WindowSlots
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
  readonly #rows: Rows
  readonly #slots: WindowSlots

  constructor({ lengthMs, pieces, countsTokens, rows, slots }: SlidingOptions) {
    this.#lengthMs = lengthMs
    this.#grainMs = lengthMs / (countsTokens ? grains.ofTokens : grains.ofPieces)
    this.#pieces = pieces
    this.#countsTokens = countsTokens
    this.#rows = rows
    this.#slots = slots
  }

  open(row: number): void {
    this.#rows.write(row, own.pieceCeiling, Number.POSITIVE_INFINITY)
    this.#rows.write(row, own.tokenCeiling, Number.POSITIVE_INFINITY)
    this.#empty(row)
  }

  close(row: number): void {
    for (let slot = this.#oldest(row); slot !== 0; ) slot = this.#slots.drop(slot)
    this.#empty(row)
  }

  fits(row: number, demand: Demand, now: number): boolean {
    this.#refresh(row, now)
    const rows = this.#rows
    const pieces = this.#piecesOf(demand)
    const counted = rows.readWhole(row, ownWhole.pieces)
    if (pieces > 0 && counted + pieces > rows.read(row, own.pieceCeiling)) return false
    const { tokens } = demand
    if (!this.#countsTokens || tokens === 0) return true
    const begun = rows.read(row, own.tokens)
    const ended = rows.read(row, own.ended)
    return (begun > ended ? begun : ended) + tokens <= rows.read(row, own.tokenCeiling)
  }

  count(row: number, demand: Demand, now: number): void {
    const pieces = this.#piecesOf(demand)
    const tokens = this.#countsTokens ? demand.tokens : 0
    if (pieces + tokens === 0) return
    const slot = this.#slotFor(row, now)
    if (pieces > 0) this.#change(row, slot, 'pieces', pieces)
    if (tokens > 0) this.#change(row, slot, 'tokens', tokens)
  }

  /**
   * Tokens beyond the estimate count from now on, the others from where they were reserved: each token once for one
   * whole window, so nothing is lost by it.
   */
  correct(row: number, { estimate, real, countedAt, now }: Correction): void {
    if (!this.#countsTokens) return
    if (real > 0) {
      const slot = this.#slotFor(row, now)
      this.#change(row, slot, 'ended', real)
      if (real > estimate) this.#change(row, slot, 'tokens', real - estimate)
    }
    if (real < estimate) this.takeBack({ row, part: 'tokens' }, estimate - real, countedAt, now)
  }

  setCeiling({ row, part }: Place, ceiling: number): void {
    this.#rows.write(row, part === 'pieces' ? own.pieceCeiling : own.tokenCeiling, ceiling)
  }

  total({ row, part }: Place, now: number): number {
    this.#refresh(row, now)
    return part === 'pieces' ? this.#rows.readWhole(row, ownWhole.pieces) : this.#rows.read(row, own[part])
  }

  add({ row, part }: Place, amount: number, now: number): void {
    this.#change(row, this.#slotFor(row, now), part, amount)
  }

  takeBack({ row, part }: Place, amount: number, addedAt: number, now: number): void {
    this.#refresh(row, now)
    if (addedAt <= now - this.#lengthMs - slackMs) return
    const slot = this.#slots.holding(this.#newest(row), addedAt)
    if (slot !== 0) this.#change(row, slot, part, -Math.min(amount, this.#slots.amount(slot, part)))
  }

  freeAt(place: Place, amount: number, limit: number, now: number): number {
    if (amount > limit) return Number.POSITIVE_INFINITY
    const slots = this.#slots
    let left = this.total(place, now)
    let freeAt = now
    let slot = this.#oldest(place.row)
    for (; left + amount > limit && slot !== 0; slot = slots.newerThan(slot)) {
      const counted = slots.amount(slot, place.part)
      if (counted > 0) freeAt = slots.lastAt(slot) + this.#lengthMs + slackMs
      left -= counted
    }
    return freeAt
  }

  startOf(now: number): number {
    return now - this.#lengthMs
  }

  entries({ row, part }: Place, now: number): number[] {
    this.#refresh(row, now)
    const entries: number[] = []
    for (let slot = this.#oldest(row); slot !== 0; slot = this.#slots.newerThan(slot)) {
      const counted = this.#slots.amount(slot, part)
      if (counted > 0) entries.push(this.#slots.lastAt(slot), counted)
    }
    return entries
  }

  #piecesOf({ images }: Demand): number {
    return this.#pieces === 'requests' ? 1 : this.#pieces === 'images' ? images : 0
  }

  #oldest(row: number): number {
    return this.#rows.readWhole(row, ownWhole.oldest)
  }

  #newest(row: number): number {
    return this.#rows.readWhole(row, ownWhole.newest)
  }

  /** Adds to what a slot and its row have counted, or takes away. */
  #change(row: number, slot: number, part: Part, amount: number): void {
    this.#slots.change(slot, part, amount)
    if (part === 'pieces') this.#rows.addWhole(row, ownWhole.pieces, amount)
    else this.#rows.add(row, own[part], amount)
  }

  /** Makes the row true for this instant. */
  #refresh(row: number, now: number): void {
    if (!isSteady(this.#rows, row, now)) this.#renew(row, now)
  }

  /** Forgets what is over, and takes back into the present what a clock set back has left in the future. */
  #renew(row: number, now: number): void {
    const rows = this.#rows
    const slots = this.#slots
    const last = this.#newest(row)
    if (last === 0) return
    if (slots.lastAt(last) > now + slackMs) slots.redate(last, now)
    const over = now - this.#lengthMs - slackMs
    let first = this.#oldest(row)
    while (first !== 0 && slots.lastAt(first) <= over) {
      rows.addWhole(row, ownWhole.pieces, -slots.amount(first, 'pieces'))
      rows.add(row, own.tokens, -slots.amount(first, 'tokens'))
      rows.add(row, own.ended, -slots.amount(first, 'ended'))
      first = slots.drop(first)
    }
    if (first === 0) return this.#empty(row)
    slots.cutBefore(first)
    rows.writeWhole(row, ownWhole.oldest, first)
    setSteady(rows, row, slots.lastAt(last) - slackMs, slots.lastAt(first) + this.#lengthMs + slackMs)
  }

  /** Gives the sums a fresh start, too, where fractions have left a crumb. Nothing stays true for ever. */
  #empty(row: number): void {
    const rows = this.#rows
    setSteady(rows, row, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
    rows.write(row, own.tokens, 0)
    rows.write(row, own.ended, 0)
    rows.writeWhole(row, ownWhole.pieces, 0)
    rows.writeWhole(row, ownWhole.oldest, 0)
    rows.writeWhole(row, ownWhole.newest, 0)
  }

  /** The slot for what happens now: the newest one while its part of the length runs, else another. */
  #slotFor(row: number, now: number): number {
    this.#refresh(row, now)
    const rows = this.#rows
    const last = this.#newest(row)
    if (last === 0) {
      setSteady(rows, row, now - slackMs, now + this.#lengthMs + slackMs)
      return this.#openSlot(row, last, now)
    }
    const lastAt = rows.read(row, column.steadyFrom) + slackMs
    if (now > lastAt) rows.write(row, column.steadyFrom, now - slackMs)
    if (this.#grainOf(now) > this.#grainOf(lastAt)) return this.#openSlot(row, last, now)
    if (now > lastAt) this.#slots.touch(last, now)
    return last
  }

  #grainOf(at: number): number {
    return Math.floor(at / this.#grainMs)
  }

  #openSlot(row: number, last: number, now: number): number {
    const slot = this.#slots.append(last, now)
    if (last === 0) this.#rows.writeWhole(row, ownWhole.oldest, slot)
    this.#rows.writeWhole(row, ownWhole.newest, slot)
    return slot
  }
}
