import type { Demand } from './meters.js'
import type { Rows } from './rows.js'

/** Eight numbers fill one cache line of the processor. */
export const rowWidth = 8

/**
 * The columns that rows of all kinds have. A row counts something in a window; whatever else it needs is in the
 * columns of its kind.
 */
export const column = {
  /** What the count may come to: the lower of declared and learned limit; Infinity without either. */
  ceiling: 0,
  /** The counts are true for instants from here to before `steadyUntil`; else they are to be renewed. */
  steadyFrom: 1,
  steadyUntil: 2,
} as const

/** The columns of whole numbers that rows of all kinds have. */
export const wholeColumn = {
  /** What is counted here: a place in the list of kinds. */
  kind: 15,
} as const

/** Whether the counts of a row are true for that instant. */
export function isSteady(rows: Rows, row: number, now: number): boolean {
  return now >= rows.read(row, column.steadyFrom) && now < rows.read(row, column.steadyUntil)
}

/** Says for which instants the counts of a row are true. */
export function setSteady(rows: Rows, row: number, from: number, until: number): void {
  rows.write(row, column.steadyFrom, from)
  rows.write(row, column.steadyUntil, until)
}

/**
 * One of the counts of a row. `pieces` are requests, or images; `tokens` those of calls as they begin, and `ended`
 * those of calls as they end.
 */
export type Part = 'pieces' | 'tokens' | 'ended'

export interface Place {
  readonly row: number
  readonly part: Part
}

/** A call that ended, counted with an estimate of its tokens. */
export interface Correction {
  readonly estimate: number
  readonly real: number
  readonly countedAt: number
  readonly now: number
}

/**
 * Windows of one kind, each a row of the same slab: counts of amounts over a length of time. Instants are milliseconds
 * since the epoch. A clock that goes back shortens nothing and blocks for one length at most: what lies in the future
 * then counts as of now.
 */
export interface Windows {
  /** Makes a row an empty window without ceilings, whatever it held before. */
  open(row: number): void
  /** Gives back what the window holds beside its row. */
  close(row: number): void
  /** Whether this much more stays below the ceilings of the row. */
  fits(row: number, demand: Demand, now: number): boolean
  /** Counts a call that begins. */
  count(row: number, demand: Demand, now: number): void
  /** Counts what a call has really used. */
  correct(row: number, correction: Correction): void
  setCeiling(place: Place, ceiling: number): void
  /** What the window holds. Never negative. */
  total(place: Place, now: number): number
  add(place: Place, amount: number, now: number): void
  /** Takes back what was added at that instant, or a part of it; nothing when it is no longer counted. */
  takeBack(place: Place, amount: number, addedAt: number, now: number): void
  /**
   * The earliest instant at which the amount fits under the limit if nothing else is added: `now` when it fits at
   * once, Infinity when it is more than the limit.
   */
  freeAt(place: Place, amount: number, limit: number, now: number): number
  /** Since when the total of `now` counts. */
  startOf(now: number): number
  /** What it holds, as numbers for a snapshot: instant, amount, instant, amount, oldest first. */
  entries(place: Place, now: number): number[]
}
