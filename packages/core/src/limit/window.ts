import type { Meter } from '../key/meter.js'
import { DayWindow } from './day-window.js'
import { meterFacts } from './limits.js'
import { SlidingWindow } from './sliding-window.js'
import { TokenWindow } from './token-window.js'

/**
 * Counts amounts over a length of time, so that a limit on them can be kept. Instants are milliseconds since the
 * epoch. A clock that goes back shortens nothing and blocks for one length at most: what lies in the future then
 * counts as of now.
 */
export interface Window {
  add(amount: number, now: number): void
  /** A call that used this much has ended. Matters only where it is unknown whether that is when it counts. */
  end(amount: number, now: number): void
  /** How much has ended in the window; 0 where that is not counted. */
  ended(now: number): number
  /** Takes back what was added at that instant, or a part of it; nothing when it is no longer counted. */
  takeBack(amount: number, addedAt: number, now: number): void
  /** Never negative. */
  total(now: number): number
  /**
   * The earliest instant at which the amount fits under the limit if nothing else is added: `now` when it fits at
   * once, Infinity when it is more than the limit.
   */
  freeAt(amount: number, limit: number, now: number): number
  /** Since when `total(now)` counts. */
  startOf(now: number): number
  /** What it holds, as numbers for a snapshot: instant, amount, instant, amount, oldest first. */
  entries(now: number): number[]
}

/**
 * The window of a meter. Whether the upstream's minutes and hours slide or follow the clock is unknown; a sliding
 * count is right for both. Its days are the provider's calendar days: nobody waits a day for yesterday's calls.
 */
export function createWindow(meter: Meter, dayOffsetMs: number): Window {
  const { unit, lengthMs } = meterFacts[meter]
  if (lengthMs === meterFacts.RPD.lengthMs) return new DayWindow(dayOffsetMs)
  return unit === 'tokens' ? new TokenWindow(lengthMs) : new SlidingWindow(lengthMs)
}
