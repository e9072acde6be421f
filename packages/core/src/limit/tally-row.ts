import type { Slab } from './slab.js'

/** The columns of a row that counts something in a window. Eight numbers: one line of the processor's cache. */
export const column = {
  /** What the total may come to: the lower of limit and learned bound; Infinity without either. */
  ceiling: 0,
  /** What the window holds, true for instants from `steadyFrom` to before `steadyUntil`; else it is to be renewed. */
  total: 1,
  steadyFrom: 2,
  steadyUntil: 3,
  /** What is counted here: a place in the list of kinds. */
  kind: 4,
  /** Three that each kind of window uses in its own way. */
  own1: 5,
  own2: 6,
  own3: 7,
} as const

export const tallyWidth = 8

/**
 * Windows of one kind, each a row of the same slab: counts of amounts over a length of time. Instants are milliseconds
 * since the epoch. A clock that goes back shortens nothing and blocks for one length at most: what lies in the future
 * then counts as of now.
 */
export interface Windows {
  /** Makes a row an empty window; what stood there is written over. */
  open(row: number): void
  /** Gives back what the window holds beside its row. */
  close(row: number): void
  add(row: number, amount: number, now: number): void
  /** Takes back what was added at that instant, or a part of it; nothing when it is no longer counted. */
  takeBack(row: number, amount: number, addedAt: number, now: number): void
  /** Brings the total up to date, and says for how long it stays so. */
  renew(row: number, now: number): void
  /**
   * The earliest instant at which the amount fits under the limit if nothing else is added: `now` when it fits at
   * once, Infinity when it is more than the limit.
   */
  freeAt(row: number, amount: number, limit: number, now: number): number
  /** Since when the total of `now` counts. */
  startOf(now: number): number
  /** What it holds, as numbers for a snapshot: instant, amount, instant, amount, oldest first. */
  entries(row: number, now: number): number[]
}

/** What a window holds. Never negative. */
export function totalOf(rows: Slab, windows: Windows, row: number, now: number): number {
  const { values } = rows
  const isSteady =
    now >= (values[row + column.steadyFrom] as number) && now < (values[row + column.steadyUntil] as number)
  if (!isSteady) windows.renew(row, now)
  return values[row + column.total] as number
}
