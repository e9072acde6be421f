import { levelled } from './scored/levelled.js'
import { scored } from './scored/scored.js'
import type { Strategy } from './strategy.js'

/** Whoever's account used the fewest tokens within a minute. What a key did not do while it was away does not count. */
export function lowTpm(chance: () => number): Strategy {
  return scored(chance, levelled({ figure: (candidate, now) => candidate.tpm(now), fadeMs: 60_000 }))
}
