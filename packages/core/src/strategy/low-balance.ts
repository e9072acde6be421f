import { scored } from './scored/scored.js'
import { byCost } from './scored/scoring.js'
import type { Strategy } from './strategy.js'

/**
 * Whoever's account has the least money left, empty ones first: small remainders are used up, and for what costs
 * nothing those are spared that can pay. An account of which nothing is known comes last, because it may be rich.
 */
export function lowBalance(chance: () => number): Strategy {
  return scored(
    chance,
    byCost(({ balance }) => balance ?? Number.POSITIVE_INFINITY),
  )
}
