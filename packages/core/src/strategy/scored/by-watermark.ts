import type { Candidate } from '../strategy.js'
import type { Entry, Scoring } from './scoring.js'

export interface WatermarkOptions {
  /** The figure that the strategy keeps equal among keys: the key with the lowest figure serves. */
  readonly figure: (candidate: Candidate, now: number) => number
  /** How long an absence affects the figure, in milliseconds. @default Infinity */
  readonly fadeMs?: number
  /** Where a key starts that was never added before. @default its figure */
  readonly initialFigure?: number
}

/**
 * Scores by a figure that grows as a key serves, without catch-up bursts. A key that joins, or was passed over, has a
 * figure far below the others' and would get every request until it had caught up. An offset therefore raises it to the
 * watermark, and from there it shares the traffic with the others. The offset fades like the effect of the absence.
 */
export function byWatermark({
  figure,
  fadeMs = Number.POSITIVE_INFINITY,
  initialFigure,
}: WatermarkOptions): Scoring {
  /** The figure, offset included, of the key that served last. */
  let watermark = 0

  const offsetFigure = (entry: Entry, now: number): number => {
    const offset =
      entry.catchUpOffset === 0
        ? 0
        : entry.catchUpOffset * Math.max(0, 1 - Math.max(0, now - entry.offsetAt) / fadeMs)
    return figure(entry.candidate, now) + offset
  }

  return {
    writeCosts({ compared, costs, count }, now) {
      for (let place = 0; place < count; place++) {
        const entry = compared[place] as Entry
        const cost = offsetFigure(entry, now)
        costs[place] = entry.isHeldToWatermark ? Math.max(cost, watermark) : cost
      }
    },
    joined(entry, isFirst) {
      entry.isHeldToWatermark = true
      if (isFirst && initialFigure !== undefined)
        entry.catchUpOffset = initialFigure - figure(entry.candidate, 0)
    },
    passed(entry) {
      entry.isHeldToWatermark = true
    },
    served(entry, now) {
      const cost = offsetFigure(entry, now)
      if (!entry.isHeldToWatermark || cost >= watermark) watermark = cost
      else {
        entry.catchUpOffset = watermark - figure(entry.candidate, now)
        entry.offsetAt = now
      }
      entry.isHeldToWatermark = false
    },
  }
}
