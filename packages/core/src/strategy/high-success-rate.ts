import { scored } from './scored/scored.js'
import { byCost } from './scored/scoring.js'
import type { Candidate, Strategy } from './strategy.js'

/** Picks the key with the highest success rate. Keys with equal rates take turns. */
export function highSuccessRate(chance: () => number): Strategy {
  return scored(
    chance,
    byCost((candidate) => -successRate(candidate)),
  )
}

/** The share of attempts that ended well, from 0 to 1; 1 before the first one has ended. */
export function successRate({ successes, failures }: Candidate): number {
  const ended = successes + failures
  return ended === 0 ? 1 : successes / ended
}
