import { byWatermark } from './scored/by-watermark.js'
import { scored } from './scored/scored.js'
import type { Strategy } from './strategy.js'

/**
 * Picks the key with the fewest requests since it joined, whichever rule or strategy chose it for them. A key that is
 * new, was away or was passed over continues from the count of the others: it would otherwise get every request until it
 * had caught up.
 */
export function leastUsed(chance: () => number): Strategy {
  return scored(chance, byWatermark({ figure: ({ requests }) => requests, initialFigure: 0 }))
}
