import { byWatermark } from './scored/by-watermark.js'
import { scored } from './scored/scored.js'
import type { Strategy } from './strategy.js'

/** Picks the key whose account began the fewest requests in the last minute. An absence earns a key no burst. */
export function lowRpm(chance: () => number): Strategy {
  return scored(chance, byWatermark({ figure: (candidate, now) => candidate.rpm(now), fadeMs: 60_000 }))
}
