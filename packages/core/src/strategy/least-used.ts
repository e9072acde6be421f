import { levelled } from './scored/levelled.js'
import { scored } from './scored/scored.js'
import type { Strategy } from './strategy.js'

/**
 * Whoever has served the fewest requests since it joined, whichever rule or strategy chose it for them. A newcomer
 * joins level with the others, and so does a key that was away or passed over: with what they served before it came
 * counted against them, it would get every request until it had caught up.
 */
export function leastUsed(chance: () => number): Strategy {
  return scored(chance, levelled({ figure: ({ requests }) => requests, startsAt: 0 }))
}
