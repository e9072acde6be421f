import { scored } from './scored/scored.js'
import { byCost } from './scored/scoring.js'
import type { Strategy } from './strategy.js'

/** Whoever has the fewest attempts running. A key that comes back fills up to the load of the others, and no further. */
export function leastInFlight(chance: () => number): Strategy {
  return scored(
    chance,
    byCost(({ inFlight }) => inFlight),
  )
}
