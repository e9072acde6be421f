import type { Place, Windows } from './quota-row.js'

/** Where a window is counted: calls as they begin, and the tokens of calls as they end, or null. */
export interface WindowPlace {
  readonly windows: Windows
  readonly begun: Place
  readonly ended: Place | null
}

/**
 * The window of one meter, off the hot path; a pick reads the rows themselves.
 *
 * The tokens of a minute are counted twice: from when a call was let in, and from when it ended. Upstreams do the one
 * or the other without saying which; the greater count is right for both. While calls flow the two are alike, so
 * this costs next to nothing: only after a burst must the next one wait until the first has ended long enough ago.
 */
export class MeterWindow {
  readonly #place: WindowPlace

  constructor(place: WindowPlace) {
    this.#place = place
  }

  add(amount: number, now: number): void {
    const { windows, begun } = this.#place
    windows.add(begun, amount, now)
  }

  /** A call that used this much has ended. Matters only where it is unknown whether that is when it counts. */
  end(amount: number, now: number): void {
    const { windows, ended } = this.#place
    if (ended !== null) windows.add(ended, amount, now)
  }

  /** How much has ended in the window; 0 where that is not counted. */
  ended(now: number): number {
    const { windows, ended } = this.#place
    return ended === null ? 0 : windows.total(ended, now)
  }

  /** Whether so much more would exceed the limit by what has begun, and by what has ended where that is counted. */
  isFull(amount: number, limit: number, now: number): boolean {
    const { windows, begun, ended } = this.#place
    return (
      windows.total(begun, now) + amount > limit &&
      (ended === null || windows.total(ended, now) + amount > limit)
    )
  }

  takeBack(amount: number, addedAt: number, now: number): void {
    const { windows, begun } = this.#place
    windows.takeBack(begun, amount, addedAt, now)
  }

  total(now: number): number {
    const { windows, begun } = this.#place
    return Math.max(windows.total(begun, now), this.ended(now))
  }

  freeAt(amount: number, limit: number, now: number): number {
    const { windows, begun, ended } = this.#place
    const freeAt = windows.freeAt(begun, amount, limit, now)
    return ended === null ? freeAt : Math.max(freeAt, windows.freeAt(ended, amount, limit, now))
  }

  /** How much of what the window counts began at that instant or later. */
  begunSince(from: number, now: number): number {
    const entries = this.entries(now)
    let begun = 0
    for (let index = 0; index + 1 < entries.length; index += 2)
      if ((entries[index] ?? 0) >= from) begun += entries[index + 1] ?? 0
    return begun
  }

  startOf(now: number): number {
    return this.#place.windows.startOf(now)
  }

  entries(now: number): number[] {
    const { windows, begun } = this.#place
    return windows.entries(begun, now)
  }
}
