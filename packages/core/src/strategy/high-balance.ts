import { scored } from './scored/scored.js'
import { byCost } from './scored/scoring.js'
import type { Candidate, Strategy } from './strategy.js'

/**
 * Picks the key whose account has the highest balance. An account whose balance is unknown comes after those with money,
 * because it may be empty, and before the empty ones, because it may not be.
 */
export function highBalance(chance: () => number): Strategy {
  return scored(chance, byCost(cost))
}

function cost({ balance }: Candidate): number {
  if (balance === null) return 0
  return balance > 0 ? -balance : 1 - balance
}
