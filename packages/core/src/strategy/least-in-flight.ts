import { scored } from './scored/scored.js'
import { byCost } from './scored/scoring.js'
import type { Strategy } from './strategy.js'

/** Picks the key with the fewest attempts running. A key that returns fills up to the load of the others. */
export function leastInFlight(chance: () => number): Strategy {
  return scored(
    chance,
    byCost(({ inFlight }) => inFlight),
  )
}
