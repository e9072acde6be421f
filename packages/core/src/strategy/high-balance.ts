import { scored } from './scored/scored.js'
import { byCost } from './scored/scoring.js'
import type { Candidate, Strategy } from './strategy.js'

/**
 * Whoever's account has the most money left. An account of which nothing is known comes after those known to have
 * some, because it may be empty, and before those known to be empty, because it may not.
 */
export function highBalance(chance: () => number): Strategy {
  return scored(chance, byCost(cost))
}

function cost({ balance }: Candidate): number {
  if (balance === null) return 0
  return balance > 0 ? -balance : 1 - balance
}
