import { byWatermark } from './scored/by-watermark.js'
import { scored } from './scored/scored.js'
import type { Strategy } from './strategy.js'

/** Picks the key whose account used the fewest tokens in the last minute. An absence earns a key no burst. */
export function lowTpm(chance: () => number): Strategy {
  return scored(chance, byWatermark({ figure: (candidate, now) => candidate.tpm(now), fadeMs: 60_000 }))
}
