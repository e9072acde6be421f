import { scored } from './scored/scored.js'
import { byCost } from './scored/scoring.js'
import type { Strategy } from './strategy.js'

/**
 * Picks the key whose account has the lowest balance, empty ones first. Small remainders are used up, and free requests
 * leave the accounts with money alone. An account whose balance is unknown comes last, because it may be high.
 */
export function lowBalance(chance: () => number): Strategy {
  return scored(
    chance,
    byCost(({ balance }) => balance ?? Number.POSITIVE_INFINITY),
  )
}
