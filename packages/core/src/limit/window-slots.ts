import { Slab } from '../collections/slab.js'
import type { Part } from './quota-row.js'

/** The columns of a slot: the instant of its last addition, the amounts, and its neighbours in time, 0 at the ends. */
const column = { at: 0, pieces: 1, tokens: 2, ended: 3, older: 4, newer: 5 } as const
const slotWidth = 6

/**
 * What sliding windows have counted, each slot for one moment. The slots of a window are chained from the oldest to the
 * newest. Appending one writes to the end of its chain and reads nothing there, so a pick does not wait for memory that
 * was not touched of late. 0 means "no slot".
 */
export class WindowSlots extends Slab {
  constructor() {
    super(slotWidth)
  }

  /** An empty slot behind the newest of its chain. */
  append(newest: number, now: number): number {
    const slot = this.take()
    const { values } = this
    values[slot + column.at] = now
    values[slot + column.pieces] = 0
    values[slot + column.tokens] = 0
    values[slot + column.ended] = 0
    values[slot + column.older] = newest
    values[slot + column.newer] = 0
    if (newest !== 0) values[newest + column.newer] = slot
    return slot
  }

  /** When something was added last. */
  lastAt(slot: number): number {
    return this.values[slot + column.at] as number
  }

  touch(slot: number, now: number): void {
    this.values[slot + column.at] = now
  }

  olderThan(slot: number): number {
    return this.values[slot + column.older] as number
  }

  newerThan(slot: number): number {
    return this.values[slot + column.newer] as number
  }

  amount(slot: number, part: Part): number {
    return this.values[slot + column[part]] as number
  }

  /** Adds an amount, or takes it away. */
  change(slot: number, part: Part, amount: number): void {
    this.values[slot + column[part]] = this.amount(slot, part) + amount
  }

  /** Makes a slot the oldest of its chain. */
  cutBefore(slot: number): void {
    this.values[slot + column.older] = 0
  }

  /** Gives a slot back, and returns the one after it. */
  drop(slot: number): number {
    const next = this.newerThan(slot)
    this.giveBack(slot)
    return next
  }

  /** Moves all slots that lie in the future to the given instant. */
  redate(newest: number, now: number): void {
    for (let slot = newest; slot !== 0 && this.lastAt(slot) > now; slot = this.olderThan(slot))
      this.touch(slot, now)
  }

  /** The first slot that ended at that instant or later. Looks from the newest: most calls began a moment ago. */
  holding(newest: number, addedAt: number): number {
    let found = 0
    for (let slot = newest; slot !== 0 && this.lastAt(slot) >= addedAt; slot = this.olderThan(slot))
      found = slot
    return found
  }
}
