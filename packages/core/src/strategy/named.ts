import { type FastestOptions, fastest } from './fastest.js'
import { highBalance } from './high-balance.js'
import { highSuccessRate } from './high-success-rate.js'
import { leastInFlight } from './least-in-flight.js'
import { leastUsed } from './least-used.js'
import { lowBalance } from './low-balance.js'
import { lowRpm } from './low-rpm.js'
import { lowTpm } from './low-tpm.js'
import { random } from './random.js'
import { roundRobin } from './round-robin.js'
import { sequential } from './sequential.js'
import { type StickyOptions, sticky } from './sticky.js'
import type { Strategy } from './strategy.js'
import { weighted } from './weighted.js'
import { type ScoreWeights, weightedScore } from './weighted-score.js'

export type StrategyName =
  | 'round-robin'
  | 'random'
  | 'weighted'
  | 'sequential'
  | 'least-in-flight'
  | 'least-used'
  | 'low-rpm'
  | 'low-tpm'
  | 'high-balance'
  | 'low-balance'
  | 'high-success-rate'
  | 'weighted-score'
  | 'fastest'
  | 'sticky'

/** A strategy by name, with the settings that differ from its defaults. */
export type StrategySettings =
  | { readonly name: 'weighted-score'; readonly weights?: Partial<ScoreWeights> }
  | ({ readonly name: 'fastest' } & FastestOptions)
  | ({ readonly name: 'sticky' } & StickyOptions)

const strategies: Readonly<Record<StrategyName, (chance: () => number) => Strategy>> = {
  'round-robin': roundRobin,
  random,
  weighted,
  sequential,
  'least-in-flight': leastInFlight,
  'least-used': leastUsed,
  'low-rpm': lowRpm,
  'low-tpm': lowTpm,
  'high-balance': highBalance,
  'low-balance': lowBalance,
  'high-success-rate': highSuccessRate,
  'weighted-score': weightedScore,
  fastest,
  sticky,
}

export const strategyNames: readonly StrategyName[] = Object.keys(strategies) as StrategyName[]

/** Creates the strategy of that name; `chance` returns numbers in [0, 1). */
export function namedStrategy(choice: StrategyName | StrategySettings, chance: () => number): Strategy {
  if (typeof choice === 'string') return strategies[choice](chance)
  if (choice.name === 'weighted-score') return weightedScore(chance, choice.weights)
  return choice.name === 'fastest' ? fastest(chance, choice) : sticky(chance, choice)
}
